-- After the rows: the index, the statistics, and settings of a server that answers many short questions.
create index point_of_interest_location on tourism_data.point_of_interest using gist (location);
vacuum (freeze, analyze) tourism_data.point_of_interest, tourism_data.point_of_interest_text;
do $$ begin
  execute format('alter database %I set jit = off', current_database());
  execute format('alter database %I set random_page_cost = 1.1', current_database());
end $$;

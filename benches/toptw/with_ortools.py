"""OR-Tools' routing on one instance: with_ortools.py FILE DECIMALS TOURS SECONDS SEED. Disjunctions, guided local search; travel
costs little beside a disjunction, and its times are a table, not calls into Python."""
import json
import sys

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from instance import Instance

path, decimals, tours, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
instance = Instance(path, decimals)
count = len(instance.position)
# Units of travel that one point of score is worth: no detour is too long for it.
PRIZE = max(instance.travel(0, place) for place in range(1, count))
manager = pywrapcp.RoutingIndexManager(count, tours, 0)
routing = pywrapcp.RoutingModel(manager)


def table(entry):
    return routing.RegisterTransitMatrix([[entry(one, other) for other in range(count)] for one in range(count)])


transit = table(lambda one, other: instance.duration[one] + instance.travel(one, other))
routing.SetArcCostEvaluatorOfAllVehicles(table(instance.travel))
routing.AddDimension(transit, instance.closes[0], instance.closes[0], False, "time")
clock = routing.GetDimensionOrDie("time")
for place in range(1, count):
    index = manager.NodeToIndex(place)
    clock.CumulVar(index).SetRange(instance.opens[place], min(instance.closes[place], instance.closes[0]))
    routing.AddDisjunction([index], instance.score[place] * PRIZE)
for vehicle in range(tours):
    clock.CumulVar(routing.Start(vehicle)).SetRange(instance.opens[0], instance.closes[0])
    clock.CumulVar(routing.End(vehicle)).SetRange(instance.opens[0], instance.closes[0])
parameters = pywrapcp.DefaultRoutingSearchParameters()
parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
parameters.time_limit.FromMilliseconds(int(seconds * 1000))
solution = routing.SolveWithParameters(parameters)
routes = []
for vehicle in range(tours):
    index, route = routing.Start(vehicle), []
    while solution and not routing.IsEnd(index):
        place = manager.IndexToNode(index)
        if place:
            route.append(place)
        index = solution.Value(routing.NextVar(index))
    routes.append(route)
print(json.dumps({"tours": routes, "score": sum(instance.score[place] for route in routes for place in route)}))

//! The queue against a brute force that keeps plain lists, over random histories of coming, leaving and giving up.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::client::{Holder, Network};
use crate::domain::ids::{AccountId, VisitorId};

fn network(number: u8) -> Network {
    Network::V4(Ipv4Addr::new(192, 0, 2, number))
}

fn account(number: u128) -> Client {
    Client::Account(AccountId(Uuid::from_u128(number)))
}

fn visitor(number: u128, at: u8) -> Client {
    Client::Visitor(VisitorId(Uuid::from_u128(number)), network(at))
}

/// Two accounts, three visitors of one network and one who shows nothing there, and one elsewhere.
fn clients() -> Vec<Client> {
    vec![account(1), account(2), visitor(1, 1), visitor(2, 1), visitor(3, 1), Client::Anyone(network(1)), Client::Anyone(network(2))]
}

type Asked = Pin<Box<dyn Future<Output = Result<Permit, Busy>>>>;

fn ask(queue: &FairQueue, client: Client) -> Asked {
    let queue = queue.clone();
    Box::pin(async move { queue.acquire(client).await })
}

fn poll(asked: &mut Asked) -> Poll<Result<Permit, Busy>> {
    asked.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[derive(Clone, Debug)]
enum Step {
    Come(usize),
    Leave(usize),
    GiveUp(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0_usize..7).prop_map(Step::Come),
        3 => any::<usize>().prop_map(Step::Leave),
        1 => any::<usize>().prop_map(Step::GiveUp),
    ];
    proptest::collection::vec(step, 1..120)
}

/// One that waits, as the test knows it.
struct Known {
    client: Client,
    came: usize,
    asked: Asked,
}

proptest! {
    #[test]
    fn permits_are_bounded_lines_keep_their_order_and_nobody_starves(
        steps in steps(), permits in 1_usize..4, waiting in 0_usize..12, waiting_a_client in 1_usize..12,
    ) {
        let queue = FairQueue::new(Bounds { permits, waiting, waiting_a_client });
        let (mut held, mut known): (Vec<Permit>, Vec<Known>) = (Vec::new(), Vec::new());
        // How many permits went to others since a holder began to wait.
        let mut passed: HashMap<Holder, usize> = HashMap::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Come(index) => {
                    let client = clients()[index];
                    let was_free = held.len() < permits;
                    let mut asked = ask(&queue, client);
                    match poll(&mut asked) {
                        Poll::Ready(Ok(permit)) => {
                            prop_assert!(was_free && known.is_empty(), "a permit was taken out of turn");
                            held.push(permit);
                        }
                        Poll::Ready(Err(Busy)) => {
                            let own = known.iter().filter(|one| one.client == client).count();
                            prop_assert!(!was_free && (known.len() >= waiting || own >= waiting_a_client), "refused with room left");
                        }
                        Poll::Pending => {
                            prop_assert!(!was_free, "one waits while a permit is free");
                            known.push(Known { client, came: number, asked });
                        }
                    }
                }
                Step::Leave(which) if !held.is_empty() => drop(held.swap_remove(which % held.len())),
                Step::GiveUp(which) if !known.is_empty() => drop(known.swap_remove(which % known.len())),
                Step::Leave(_) | Step::GiveUp(_) => {}
            }
            let mut still = Vec::new();
            let mut answered = Vec::new();
            for mut one in known.drain(..) {
                match poll(&mut one.asked) {
                    Poll::Ready(answer) => answered.push((one.client, one.came, answer)),
                    Poll::Pending => still.push(one),
                }
            }
            known = still;
            for (client, came, answer) in answered {
                let mates: Vec<&Known> = known.iter().filter(|one| one.client == client).collect();
                match answer {
                    Ok(permit) => {
                        prop_assert!(mates.iter().all(|mate| mate.came > came), "a later one of the same client went first");
                        held.push(permit);
                        passed.remove(&client.holder());
                        for one in known.iter().map(|one| one.client.holder()).collect::<HashSet<_>>() {
                            if one != client.holder() {
                                let passed = passed.entry(one).or_default();
                                *passed += 1;
                                // There are four holders among the clients of this test.
                                prop_assert!(*passed <= 3, "one that waits is passed over again and again");
                            }
                        }
                    }
                    Err(Busy) => prop_assert!(mates.iter().all(|mate| mate.came < came), "not the newest was turned away"),
                }
            }
            passed.retain(|holder, _| known.iter().any(|one| one.client.holder() == *holder));
            prop_assert!(held.len() <= permits, "more go on than there are permits");
            prop_assert!(known.len() <= waiting && queue.waiting() == known.len());
            prop_assert!(known.is_empty() || held.len() == permits, "a permit is free while one waits");
        }
        // Nothing is lost: once everybody has left, every permit can be had again.
        drop(known);
        drop(held);
        let all: Vec<_> = (0..permits).map(|_| poll(&mut ask(&queue, account(9)))).collect();
        prop_assert!(all.iter().all(|one| matches!(one, Poll::Ready(Ok(_)))));
    }
}

/// Who goes on, in order, when these come while the only permit is held.
fn order(coming: &[Client]) -> Vec<Client> {
    let queue = FairQueue::new(Bounds::new(1, 1_000));
    let Poll::Ready(Ok(first)) = poll(&mut ask(&queue, account(0))) else { panic!("the permit is free") };
    let mut waiting: Vec<(Client, Asked)> = coming.iter().map(|client| (*client, ask(&queue, *client))).collect();
    for (_, asked) in &mut waiting {
        assert!(poll(asked).is_pending());
    }
    let (mut held, mut order) = (Some(first), Vec::new());
    while !waiting.is_empty() {
        drop(held.take());
        let ready = waiting.iter_mut().enumerate().find_map(|(index, (_, asked))| match poll(asked) {
            Poll::Ready(answer) => Some((index, answer.unwrap())),
            Poll::Pending => None,
        });
        let (index, permit) = ready.expect("one goes on");
        order.push(waiting.remove(index).0);
        held = Some(permit);
    }
    order
}

#[test]
fn turns_go_round_among_holders_and_among_the_visitors_of_a_network() {
    let (greedy, editor, mate) = (visitor(1, 1), account(1), visitor(2, 1));
    let mut coming = vec![greedy; 5];
    coming.extend([editor, editor, mate]);
    assert_eq!(order(&coming), [greedy, editor, mate, editor, greedy, greedy, greedy, greedy]);
}

#[test]
fn a_hundred_visitors_of_one_network_have_one_share() {
    let mut coming: Vec<Client> = (0..100).map(|number| visitor(number, 1)).collect();
    coming.push(Client::Anyone(network(2)));
    let place = order(&coming).iter().position(|client| *client == Client::Anyone(network(2)));
    assert_eq!(place, Some(1));
}

#[test]
fn the_newest_of_the_greediest_gives_way_and_nobody_with_less() {
    let queue = FairQueue::new(Bounds::new(1, 3));
    let (greedy, honest) = (visitor(1, 1), visitor(1, 2));
    let Poll::Ready(Ok(_held)) = poll(&mut ask(&queue, greedy)) else { panic!("the permit is free") };
    let mut waiting: Vec<Asked> = (0..3).map(|_| ask(&queue, greedy)).collect();
    assert!(waiting.iter_mut().all(|asked| poll(asked).is_pending()));
    assert!(matches!(poll(&mut ask(&queue, greedy)), Poll::Ready(Err(Busy))), "the greedy one itself is refused");
    let mut first = ask(&queue, honest);
    assert!(poll(&mut first).is_pending());
    let answers: Vec<bool> = waiting.iter_mut().map(|asked| poll(asked).is_ready()).collect();
    assert_eq!(answers, [false, false, true], "its newest gives way");
    // Two against one: another of the honest one would have as many as the other is left with.
    assert!(matches!(poll(&mut ask(&queue, honest)), Poll::Ready(Err(Busy))));
}

fn ask_many(queue: &FairQueue, client: Client, amount: usize) -> Asked {
    let queue = queue.clone();
    Box::pin(async move { queue.acquire_many(client, amount).await })
}

#[test]
fn what_is_large_waits_its_turn_and_is_not_overtaken() {
    let queue = FairQueue::new(Bounds::new(10, 8));
    let Poll::Ready(Ok(six)) = poll(&mut ask_many(&queue, account(1), 6)) else { panic!("six are free") };
    let mut large = ask_many(&queue, account(2), 9);
    assert!(poll(&mut large).is_pending());
    let mut small = ask_many(&queue, account(3), 4);
    assert!(poll(&mut small).is_pending(), "four are free, and it is another one's turn");
    drop(six);
    let Poll::Ready(Ok(nine)) = poll(&mut large) else { panic!("nine are free") };
    assert!(poll(&mut small).is_pending());
    drop(nine);
    let Poll::Ready(Ok(_four)) = poll(&mut small) else { panic!("four are free") };
    // More than there is: all there is.
    assert!(poll(&mut ask_many(&queue, account(1), 99)).is_pending());
    assert!(matches!(poll(&mut ask_many(&queue, account(1), 6)), Poll::Ready(Ok(_))), "the one before gave up");
}

#[test]
fn who_gives_up_lets_those_behind_it_go_on() {
    let queue = FairQueue::new(Bounds::new(10, 8));
    let Poll::Ready(Ok(_six)) = poll(&mut ask_many(&queue, account(1), 6)) else { panic!("six are free") };
    let mut large = ask_many(&queue, account(2), 9);
    assert!(poll(&mut large).is_pending());
    let mut small: Vec<Asked> = (0..2).map(|number| ask_many(&queue, account(3 + number), 2)).collect();
    assert!(small.iter_mut().all(|asked| poll(asked).is_pending()));
    drop(large);
    assert!(small.iter_mut().all(|asked| matches!(poll(asked), Poll::Ready(Ok(_)))));
}

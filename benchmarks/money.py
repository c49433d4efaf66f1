"""What people pay: collections, shared bills, crowdfundings, and what they get back."""

from benchmarks import texts
from benchmarks.entities import Pot
from benchmarks.world import Sent, World
from indexer.events.calls import Call
from indexer.events.calls import group_payment as calls
from indexer.events.definitions import Contract, Event
from indexer.events.definitions import group_payment as pay
from indexer.units import Address, keccak

MILLI = 10**15
DAY = 86_400
ACTIVE, COMPLETED, CANCELLED = range(3)
CROWDFUNDING = 2


def _sent(sender: Address, call: Call, *events: Event, value: int = 0) -> tuple[Sent, ...]:
    contract = Contract.GROUP_PAYMENT
    return (Sent(contract=contract, sender=sender, call=call, events=events, value=value),)


def ask(world: World) -> tuple[Sent, ...]:
    """A member asks some others for money: any amount each (a collection) or a share (a bill)."""
    group, rng = world.any(world.groups), world.rng
    if group is None or len(group.members) < 3:
        return ()
    people = tuple({group.members.draw(rng): None for _ in range(rng.randint(2, 9))})
    shared = rng.random() < 0.5
    target = rng.randint(20, 900) * MILLI * len(people) + (rng.random() < 0.2)
    pot = Pot(
        id=world.identify("aa" if shared else "payment", "payment"),
        kind=int(shared),
        group_id=group.id,
        initiator=group.members.draw(rng),
        target=target,
        participants=people,
        waiting=list(people),
        share=target // len(people),
        description=texts.sentence(rng),
        deadline=world.now + rng.randint(1, 30) * DAY,
    )
    world.begin_pot(pot)
    create = calls.CreateAAPayment if shared else calls.CreateGroupCollection
    call: Call = create(group.id, target, people, pot.description, pot.deadline)
    who = pot.initiator
    event = pay.PaymentCreated(pot.id, keccak(group.id), who, pot.kind, target, world.now)
    return _sent(who, call, event)


def appeal(world: World) -> tuple[Sent, ...]:
    """A member asks everybody for money."""
    if (group := world.any(world.groups)) is None:
        return ()
    rng = world.rng
    pot = Pot(
        id=world.identify("crowdfund", "payment"),
        kind=CROWDFUNDING,
        group_id=group.id,
        initiator=group.members.draw(rng),
        target=rng.randint(500, 5000) * MILLI,
        waiting=[],
        least=rng.randint(1, 50) * MILLI,
        title=texts.name(rng, rng.randint(1, 99)),
        description=texts.sentence(rng),
        deadline=world.now + rng.randint(1, 60) * DAY,
    )
    world.begin_pot(pot)
    call = calls.CreateCrowdfunding(
        group.id, pot.target, pot.least, pot.title, pot.description, pot.deadline
    )
    key, who = keccak(group.id), pot.initiator
    return _sent(who, call, pay.CrowdfundingCreated(pot.id, key, who, pot.target, world.now))


def give(world: World) -> tuple[Sent, ...]:
    """Whatever comes next for a pot: a payment into it, its withdrawal, its cancellation."""
    if (pot := world.any(world.pots)) is None:
        return ()
    if pot.status == COMPLETED:
        return _withdraw(world, pot)
    stuck = pot.kind != CROWDFUNDING and not pot.waiting
    if stuck or world.now > pot.deadline or world.rng.random() < 0.02:
        return _cancel(world, pot)
    return _back(world, pot) if pot.kind == CROWDFUNDING else _contribute(world, pot)


def _contribute(world: World, pot: Pot) -> tuple[Sent, ...]:
    giver = pot.waiting.pop(int(world.rng.random() * len(pot.waiting)))
    percent = 100 if pot.kind == 1 else world.rng.randint(50, 160)
    amount = max(1, pot.share * percent // 100)
    events: list[Event] = [pay.PaymentContributed(pot.id, giver, amount, world.now)]
    if pot.give(giver, amount):
        events.append(pay.PaymentCompleted(pot.id, pot.collected, world.now))
    return _sent(giver, calls.Contribute(pot.id), *events, value=amount)


def _back(world: World, pot: Pot) -> tuple[Sent, ...]:
    again = pot.given and world.rng.random() < 0.2
    giver = world.rng.choice(list(pot.given)) if again else world.somebody()
    amount = max(pot.least, pot.target * world.rng.randint(3, 25) // 100)
    pot.give(giver, amount)
    event = pay.CrowdfundingBacked(pot.id, giver, amount, world.now)
    return _sent(giver, calls.BackCrowdfunding(pot.id), event, value=amount)


def _withdraw(world: World, pot: Pot) -> tuple[Sent, ...]:
    """Some leave the money where it is."""
    pot.withdrawn = world.rng.random() < 0.8
    world.end_pot(pot)
    if not pot.withdrawn:
        return ()
    call = calls.WithdrawFunds if pot.kind != CROWDFUNDING else calls.WithdrawCrowdfundingFunds
    event = pay.FundsWithdrawn(pot.id, pot.initiator, pot.collected, world.now)
    return _sent(pot.initiator, call(pot.id), event)


def _cancel(world: World, pot: Pot) -> tuple[Sent, ...]:
    """Credits everybody who gave, in the order of their first payments, and then cancels."""
    credits = [pay.RefundCredited(giver, amount) for giver, amount in pot.given.items()]
    for credit in credits:
        world.credit(credit.user, credit.amount)
    pot.given = dict.fromkeys(pot.given, 0)
    pot.status = CANCELLED
    world.end_pot(pot)
    if pot.kind == CROWDFUNDING:
        call: Call = calls.CancelCrowdfunding(pot.id)
        last: Event = pay.CrowdfundingCancelled(pot.id, pot.initiator, world.now)
    else:
        call = calls.CancelPayment(pot.id)
        last = pay.PaymentCancelled(pot.id, pot.initiator, world.now)
    return _sent(pot.initiator, call, *credits, last)


def fetch_refund(world: World) -> tuple[Sent, ...]:
    """Somebody fetches all that cancellations credited."""
    if not world.owed:
        return ()
    place = int(world.rng.random() * len(world.owed))
    world.owed[place], world.owed[-1] = world.owed[-1], world.owed[place]
    user = world.owed.pop()
    amount, world.refunds[user] = world.refunds[user], 0
    return _sent(user, calls.ClaimRefund(), pay.RefundWithdrawn(user, amount))

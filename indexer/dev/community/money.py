"""What people pay. Each function: a call that the contract would accept, or None."""

from indexer.dev.community.calls import Call
from indexer.dev.community.texts import BILLS, COLLECTIONS, PROJECTS
from indexer.dev.community.view import View
from indexer.dev.community.world import Kind, Pot


def collect(view: View) -> Call | None:
    """A member collects money from some others."""
    group = view.group(people=3)
    if group is None:
        return None
    members = sorted({*group.members})
    invited = tuple(view.some(members, 2, 8))
    text = view.rng.choice(COLLECTIONS)
    args = (group.id, view.ether(20, 900), invited, text, view.later())
    return Call(sender=view.rng.choice(members), name="createGroupCollection", args=args)


def split(view: View) -> Call | None:
    """A member shares a bill out evenly."""
    group = view.group(people=3)
    if group is None:
        return None
    members = sorted({*group.members})
    invited = tuple(view.some(members, 2, 5))
    args = (group.id, view.ether(30, 600), invited, view.rng.choice(BILLS), view.later())
    return Call(sender=view.rng.choice(members), name="createAAPayment", args=args)


def fund(view: View) -> Call | None:
    """A member asks everybody for money."""
    group = view.group(people=2)
    if group is None:
        return None
    title, text = view.rng.choice(PROJECTS)
    args = (group.id, view.ether(500, 5000), view.ether(1, 50), title, text, view.later())
    return Call(sender=view.rng.choice(group.members), name="createCrowdfunding", args=args)


def contribute(view: View) -> Call | None:
    """Somebody who was asked pays."""
    pots = (p for p in view.world.pots.values() if p.open(view.now) and _debtors(p))
    pot = view.one(pots)
    if pot is None:
        return None
    sender = view.rng.choice(_debtors(pot))
    fair = pot.target // max(1, len(pot.invited))
    value = pot.least if pot.kind is Kind.AA else max(1, fair * view.rng.randint(40, 150) // 100)
    return Call(sender=sender, name="contribute", args=(pot.id,), value=value)


def back(view: View) -> Call | None:
    """Anybody gives to a crowdfunding, as often as they like."""
    crowdfundings = (p for p in view.world.pots.values() if p.kind is Kind.CROWDFUNDING)
    pot = view.one(p for p in crowdfundings if p.open(view.now))
    if pot is None:
        return None
    value = max(pot.least, pot.target * view.rng.randint(5, 40) // 100)
    sender = view.rng.choice(view.users)
    return Call(sender=sender, name="backCrowdfunding", args=(pot.id,), value=value)


def withdraw(view: View) -> Call | None:
    """An initiator fetches what was collected."""
    full = (p for p in view.world.pots.values() if p.completed() and not p.withdrawn)
    pot = view.one(full)
    if pot is None:
        return None
    funding = pot.kind is Kind.CROWDFUNDING
    name = "withdrawCrowdfundingFunds" if funding else "withdrawFunds"
    return Call(sender=pot.initiator, name=name, args=(pot.id,))


def cancel(view: View) -> Call | None:
    """An initiator gives up; an expired payment can be cancelled as well."""
    standing = (p for p in view.world.pots.values() if not (p.cancelled or p.completed()))
    pot = view.one(standing)
    if pot is None:
        return None
    funding = pot.kind is Kind.CROWDFUNDING
    name = "cancelCrowdfunding" if funding else "cancelPayment"
    return Call(sender=pot.initiator, name=name, args=(pot.id,))


def claim_refund(view: View) -> Call | None:
    """Somebody fetches what a cancellation credited."""
    user = view.one(sorted(view.world.refunds))
    return Call(sender=user, name="claimRefund") if user else None


def _debtors(pot: Pot) -> list[str]:
    return [user for user in pot.invited if user not in pot.payers]

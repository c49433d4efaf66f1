"""`Query.prepare`: a field for each function that changes a contract, made from its definition."""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry
from strawberry.tools import create_type
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from api.context import Context
from api.prepared import prepared
from api.reads.view import View
from api.scalars import BigInt
from api.types.inputs import Contract
from api.types.transactions import Prepared
from indexer.events.abi import camel
from indexer.events.calls import CALLS, CallSpec
from indexer.units import Address, Hash32

ApiInfo = Info[Context, None]
TYPES: Final[Mapping[str, Any]] = {
    "uint256": BigInt,
    "string": str,
    "bool": bool,
    "address": Address,
    "address[]": list[Address],
    "bytes32": Hash32,
}
SENDER: Final = Annotated[
    Address, strawberry.argument(name="from", description="Who is going to sign.")
]
VALUE: Final = Annotated[BigInt, strawberry.argument(description="Wei to be sent along.")]
WHICH: Final = Annotated[Contract, strawberry.argument(description="All three have this function.")]
ANY: Final = inspect.Parameter.KEYWORD_ONLY


def functions() -> Mapping[str, Mapping[Contract, CallSpec]]:
    """The functions by field name: what the contracts share has a field for all three."""
    found: dict[str, dict[Contract, CallSpec]] = {}
    for spec in CALLS:
        name = spec.cls.__name__[0].lower() + spec.cls.__name__[1:]
        found.setdefault(name, {})[Contract(spec.contract.value)] = spec
    return found


def _field(name: str, specs: Mapping[Contract, CallSpec]) -> StrawberryField:
    [*_, spec] = specs.values()
    asked = list(_parameters(spec, shared=len(specs) > 1))
    resolver = _resolver(specs)
    resolver.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY),
            inspect.Parameter("info", ANY, annotation=ApiInfo),
            *asked,
        ],
        return_annotation=Prepared,
    )
    made: StrawberryField = strawberry.field(
        resolver, name=name, description=_description(spec, shared=len(specs) > 1)
    )
    made.python_name = name
    return made


def _description(spec: CallSpec, *, shared: bool) -> str:
    whose = "the contract" if shared else spec.contract.solidity_name
    return f"Calls `{spec.signature}` of {whose}."


def _parameters(spec: CallSpec, *, shared: bool) -> Iterator[inspect.Parameter]:
    yield inspect.Parameter("sender", ANY, annotation=SENDER)
    if shared:
        yield inspect.Parameter("contract", ANY, annotation=WHICH)
    for name, item in zip(spec.cls.__struct_fields__, spec.inputs, strict=True):
        type_ = datetime if name == "deadline" else TYPES[item.type]
        yield inspect.Parameter(name, ANY, annotation=type_)
    if spec.payable:
        yield inspect.Parameter("value", ANY, annotation=VALUE)


def _resolver(specs: Mapping[Contract, CallSpec]) -> Callable[..., Awaitable[Any]]:
    async def resolve(self: Any, info: ApiInfo, sender: Address, **given: Any) -> Any:
        which = given.pop("contract", None) or next(iter(specs))
        arguments = {camel(name): value for name, value in given.items()}
        return await prepared(info.context, self.view, specs[which], arguments, sender)

    return resolve


ABOUT: Final = (
    "A field for each function that changes a contract. Its arguments are checked against the "
    "index, and the call is tried at a node, in the newest block's state: the answer is a "
    "transaction for a wallet, or the reason why there is none. Nothing is ever sent."
)
Prepare: Final[Any] = create_type(
    "Prepare", [_field(*each) for each in functions().items()], description=ABOUT
)


def preparing(view: View) -> Any:
    """The fields, over this view of the index."""
    made = Prepare()
    made.view = view
    return made

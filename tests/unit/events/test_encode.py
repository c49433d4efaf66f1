"""Our encoding of calls is the canonical one."""

from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.events.calls import CALLS, CallSpec
from indexer.events.encode import calldata
from indexer.events.inputs import decode_input
from tests.unit.events import encodings


@pytest.mark.parametrize("spec", CALLS, ids=lambda spec: f"{spec.contract.name}.{spec.signature}")
@given(data=st.data())
@settings(max_examples=40)
def test_calldata_is_what_eth_abi_makes_and_what_we_decode(
    spec: CallSpec, data: st.DataObject
) -> None:
    values = data.draw(encodings.arguments(spec.inputs))
    made = calldata(spec, values)
    types = [encodings.wire(item) for item in spec.inputs]
    assert made == spec.selector + encode(types, list(values))
    cls: Any = spec.cls
    assert decode_input(spec.contract, made) == cls(*values)

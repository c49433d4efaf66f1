"""What resolvers are given beside their arguments."""

from strawberry.types import Info

from api.context import Context

ApiInfo = Info[Context, None]

"""Where people sign in: what all operations of this process share for it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncEngine

from api.accounts import api_keys
from api.accounts.challenges import Challenges
from api.accounts.liveness import Liveness
from api.accounts.signatures import signed
from api.accounts.siwe import Challenge, NotSiwe
from api.accounts.tokens import Tokens
from api.accounts.viewer import ANONYMOUS, Viewer
from api.errors import ApiError, bad_input, unauthenticated
from api.node import Node
from api.rates import Bucket, Rates
from api.reads.snapshot import Momentary
from indexer.settings import Settings
from indexer.units import Address

BEARER: Final = re.compile(r"Bearer +([!-~]+) *", re.I)
LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`domains` are those whose pages people may sign in at; the first is offered by itself."""

    engine: AsyncEngine
    node: Node | None
    liveness: Liveness
    tokens: Tokens
    challenges: Challenges
    domains: tuple[str, ...]
    session_life: float
    rates: Rates | None
    bucket: Bucket

    @classmethod
    def of(cls, settings: Settings, engine: AsyncEngine, node: Node | None) -> Self:
        return cls(
            engine=engine,
            node=node,
            liveness=Liveness(engine),
            tokens=Tokens(settings),
            challenges=Challenges(settings.redis_url),
            domains=_domains(settings),
            session_life=settings.session_life,
            rates=_rates(settings),
            bucket=Bucket(name="sign-in", most=settings.sign_in_limit),
        )

    async def close(self) -> None:
        """Gives up the connections."""
        await self.liveness.close()
        await self.challenges.close()
        if self.rates is not None:
            await self.rates.close()

    async def count(self, client: str) -> None:
        """Counts an attempt to sign in; raises RATE_LIMITED."""
        standing = None if self.rates is None else await self.rates.hit(self.bucket, client)
        if standing is not None and standing.exceeded:
            raise standing.error()

    async def viewer(self, header: str | None) -> Viewer:
        """Who the Authorization header speaks for: nobody without one. Raises UNAUTHENTICATED."""
        if header is None:
            return ANONYMOUS
        match = BEARER.fullmatch(header)
        if match is None:
            raise unauthenticated("Authorization is not `Bearer <access token>`", "INVALID_TOKEN")
        return await self._standing(await self._named(match[1]))

    async def _named(self, token: str) -> Viewer:
        if token.startswith(api_keys.MARK):
            return await api_keys.viewer(Momentary(self.engine), token)
        return self.tokens.viewer(token)

    async def _standing(self, viewer: Viewer) -> Viewer:
        credential = viewer.session or viewer.api_key
        if credential is None or not await self.liveness.stands(credential):
            raise unauthenticated("the session or the API key has ended", "SESSION_ENDED")
        return viewer

    async def signed(self, who: Address, message: str, signature: bytes, chain_id: int) -> bool:
        """Whether the address's wallet signed the text."""
        return await signed(self.node, who, message, signature, chain_id)

    async def challenge(
        self, who: Address, domain: str | None, uri: str | None, chain_id: int
    ) -> Challenge:
        """What the address is to sign; raises BAD_USER_INPUT for a domain that is not ours."""
        domain = self.domains[0] if domain is None else domain
        if domain not in self.domains:
            known = ", ".join(self.domains)
            raise bad_input("domain", f"people sign in here at {known} (DCHAT_SIGN_IN_DOMAINS)")
        uri = _home(domain) if uri is None else uri
        if not _is_of(uri, domain):
            raise bad_input("uri", f"is no address of {domain}, such as {_home(domain)}")
        return await self.challenges.make(who, domain, uri, chain_id)

    async def answer(self, message: str, signature: bytes, chain_id: int) -> Address:
        """Who signed the challenge. Raises UNAUTHENTICATED, naming the field that is wrong."""
        try:
            given = Challenge.parse(message)
        except NotSiwe as error:
            raise bad_input("message", str(error)) from None
        made = await self.challenges.take(given.nonce)
        if made is None:
            told = "the nonce is unknown, used, or older than 5 minutes: ask for another challenge"
            raise _refused(told, "nonce")
        _compare(made, given, chain_id)
        if not await self.signed(given.address, message, signature, chain_id):
            raise _refused("the signature is not the address's, over this message", "signature")
        return given.address


def _compare(made: Challenge, given: Challenge, chain_id: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    if (field := made.difference(given)) is not None:
        raise _refused(f"the message's {field} is not that of the challenge", field)
    if given.chain_id != chain_id:
        raise _refused(f"this server indexes chain {chain_id}", "chain-id")
    if given.expiration_time <= now:
        raise _refused("the challenge has expired: ask for another", "expiration-time")
    if given.not_before > now:
        raise _refused("the challenge is not valid yet", "not-before")


def _refused(message: str, field: str) -> ApiError:
    return unauthenticated(message, "SIGN_IN_REFUSED", field=field)


def _rates(settings: Settings) -> Rates | None:
    if settings.redis_url is None or not settings.sign_in_limit:
        return None
    return Rates(settings.redis_url)


def _domains(settings: Settings) -> tuple[str, ...]:
    if settings.sign_in_domains:
        return settings.sign_in_domains
    pages = (urlsplit(origin).netloc for origin in settings.cors_origins if origin != "*")
    ours = (f"{host}:{settings.port}" for host in LOCAL)
    return tuple(dict.fromkeys((*pages, *ours)))


def _home(domain: str) -> str:
    """The address of the domain's start page."""
    local = domain.rsplit(":", 1)[0] in LOCAL
    return f"{'http' if local else 'https'}://{domain}/"


def _is_of(uri: str, domain: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    plain = uri.isascii() and uri.isprintable() and " " not in uri and len(uri) <= 500
    return plain and parts.scheme in ("http", "https") and parts.netloc == domain

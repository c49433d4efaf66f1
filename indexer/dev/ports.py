"""TCP ports of this machine."""

import socket

from indexer.errors import ConfigError, PortInUse


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on the port now."""
    try:
        _bind(host, port)
    except OSError:
        return False
    return True


def require_free(host: str, port: int) -> None:
    """Raises PortInUse where somebody listens, ConfigError where the host is not ours."""
    try:
        _bind(host, port)
    except socket.gaierror as error:
        raise ConfigError(f"DCHAT_HOST={host}: {error.strerror}") from None
    except PermissionError:
        raise ConfigError(
            f"DCHAT_PORT={port}: only root may listen there; take 1024 to 65535"
        ) from None
    except OSError as error:
        if is_free(0, host):
            raise PortInUse(
                f"port {port} of {host} is in use by another program; "
                f"end that program, or take another port: DCHAT_PORT={port + 1}"
            ) from None
        raise ConfigError(f"DCHAT_HOST={host}: {error.strerror}") from None


def _bind(host: str, port: int) -> None:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        probe.listen(1)

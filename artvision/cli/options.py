"""Flags derived from the table of settings: a command that takes `settings` gets one flag a setting, and --config."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from artvision.errors import UsageError
from artvision.settings import Settings, suggest
from artvision.toml_file import read_toml

# Panels of the help: settings that decide a number, and how it is come by.
DECIDES, RUNS = "What is looked for, and by what", "How it runs"


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Replace the parameter `settings` of a command by a flag for each of its fields. Flags win over the file."""
    signature = inspect.signature(command, eval_str=True)
    own = [parameter for parameter in signature.parameters.values() if parameter.name != "settings"]
    flags = [_flag(spec) for spec in dataclasses.fields(Settings)]
    config = Annotated[
        Path | None, typer.Option(help="TOML file with the same names as the flags.", rich_help_panel=RUNS)
    ]
    flags.append(inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=config))

    @functools.wraps(command)
    def wrapper(**arguments: Any) -> None:
        given = {flag.name: arguments.pop(flag.name) for flag in flags}
        command(**arguments, settings=resolve(given.pop("config"), given))

    wrapper.__signature__ = signature.replace(parameters=[*own, *flags])  # type: ignore[attr-defined]  # read by typer
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *flags]}
    return wrapper


def resolve(config: Path | None, flags: dict[str, Any]) -> Settings:
    """Defaults, then the config file, then flags that were given (those that are not None)."""
    values = read_config(config) if config else {}
    return Settings(**values | {name: value for name, value in flags.items() if value is not None})


def read_config(path: Path) -> dict[str, Any]:
    """The settings in a TOML file. Raises UsageError naming the file for unknown names and wrong types."""
    loaded = read_toml(path, "--config").tables
    types = _types()
    for name in [name for name, value in loaded.items() if types.get(name) is str and type(value) is int]:
        # batch_size = 16 is as good as batch_size = "16".
        loaded[name] = str(loaded[name])
    for name, value in loaded.items():
        if name not in types:
            raise UsageError(f"{path}: there is no setting {name!r}{suggest(name, types)}")
        if not isinstance(value, types[name]) and not (types[name] is float and isinstance(value, int)):
            wanted = getattr(types[name], "__name__", str(types[name]))
            raise UsageError(f"{path}: {name} must be of type {wanted}, not {type(value).__name__}")
    return loaded


def _flag(spec: dataclasses.Field[Any]) -> inspect.Parameter:
    panel = DECIDES if spec.metadata["decides"] else RUNS
    option = typer.Option(help=spec.metadata["help"], show_default=_shown(spec.default), rich_help_panel=panel)
    kind = Annotated[_types()[spec.name] | None, option]  # type: ignore[valid-type]  # made for typer, not for mypy
    return inspect.Parameter(spec.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)


def _shown(default: Any) -> str | bool:
    """A default as the help says it: nothing of an empty text, a flag by its word."""
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, float):
        return f"{default:g}"
    return "auto" if default is None else str(default) or False


def _types() -> dict[str, type]:
    return get_type_hints(Settings)

"""What Typer says by itself, in the language of the locale: help pages, errors of usage.

Help texts are written in English where commands are declared and translated here, on the command that is run; Typer's
own sentences are matched with their templates. `messages` lists all of them for the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from pipeline.language import translated

_TEMPLATES = (
    "No such option: {name} (Possible options: {possible})",
    "No such option: {name} Did you mean {possible}?",
    "No such option: {name}",
    "No such command {name}. Did you mean {possible}?",
    "No such command {name}.",
    "Missing argument {name}.",
    "Missing option {name}.",
    "Missing parameter {name}.",
    "Missing command.",
    "Invalid value for {name}: {problem}",
    "Invalid value: {problem}",
    "Got unexpected extra argument ({words})",
    "Got unexpected extra arguments ({words})",
    "Option {name} requires an argument.",
    "Option {name} does not take a value.",
    "{value} is not one of {possible}.",
    "{kind} {value} does not exist.",
    "{kind} {value} is a directory.",
    "{kind} {value} is a file.",
    "{kind} {value} is not readable.",
    "{kind} {value} is not writable.",
    "{value} is not a valid {kind}.",
    "Input should be greater than or equal to {limit}",
    "Input should be less than or equal to {limit}",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
)
_SENTENCES = ("Usage: ", "Help: {command}")
_WORDS = {
    "DEFAULT_STRING": "[default: {}]",
    "REQUIRED_LONG_STRING": "[required]",
    "ENVVAR_STRING": "[env var: {}]",
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commands",
}
_KINDS = ("file", "File", "directory", "Directory", "path", "Path")
_OWN_HELP = (
    "Show this message and exit.",
    "Install completion for the current shell.",
    "Show completion for the current shell, to copy it or customize the installation.",
)


def said(message: str) -> str:
    """An error of usage in the language of the locale; its parts too, where they are sentences of Typer."""
    message = message.strip().removeprefix("Value error, ")
    for template in _TEMPLATES:
        found = _pattern(template).fullmatch(message)
        if found:
            parts = {
                name: said(text) if name in ("problem", "kind") else text for name, text in found.groupdict().items()
            }
            return translated(template).format(**parts)
    return translated(message)


def explained(error: Any) -> str:
    """An error of usage as a message: what is wrong, and where help is."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error.format_message())
    where = error.ctx.command_path if error.ctx else "annexes"
    return f"{said(error.format_message())}\n{translated('Help: {command}').format(command=f'{where} --help')}"


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(re.escape(text) if n % 2 == 0 else f"(?P<{text}>.*)" for n, text in enumerate(pieces)), re.DOTALL
    )


def translate_help(command: Any) -> None:
    """Put the help of a command, and of all below it, in the language of the locale."""
    from typer import rich_utils

    for name, text in _WORDS.items():
        if hasattr(rich_utils, name):
            setattr(rich_utils, name, translated(text))
    for item, name, text in _help_texts(command):
        setattr(item, name, "\n\n".join(map(translated, text.split("\n\n"))))
    for each in (command, *getattr(command, "commands", {}).values()):
        each.get_usage = _in_language(each.get_usage)
        each.get_help_option = _with_help_in_language(each.get_help_option)


def _in_language(usage: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda context: usage(context).replace("Usage: ", translated("Usage: "), 1)


def _with_help_in_language(option_of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The option --help is made when it is asked for; its help is translated then."""

    def made(context: Any) -> Any:
        option = option_of(context)
        if option is not None:
            option.help = translated(option.help)
        return option

    return made


def messages(command: Any) -> list[str]:
    """Every text that may be shown by this module, in English, each once."""
    told = [part for _, _, text in _help_texts(command) for part in text.split("\n\n")]
    own = (*_TEMPLATES, *_SENTENCES, *_WORDS.values(), *_OWN_HELP, *_KINDS)
    return list(dict.fromkeys([*told, *own]))


def _help_texts(command: Any) -> Iterator[tuple[Any, str, str]]:
    """(object, attribute, text) of each help text of the command, its parameters, its panels and its subcommands."""
    for name in ("help", "short_help", "epilog", "rich_help_panel"):
        text = getattr(command, name, None)
        if isinstance(text, str) and text:
            yield command, name, text
    for parameter in command.params:
        text = getattr(parameter, "help", None)
        if isinstance(text, str) and text:
            yield parameter, "help", text
    for below in getattr(command, "commands", {}).values():
        yield from _help_texts(below)

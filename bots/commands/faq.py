"""``onethread faq``: look after what the bot can answer by itself."""

from collections.abc import Callable, Mapping

from bots.commands.faq_asking import ask, check, hold
from bots.commands.faq_learning import gaps, health, report, variants
from bots.commands.faq_matching import match
from bots.commands.faq_publishing import diff, history, preview, publish, rollback
from bots.commands.faq_sheets import export, import_
from bots.terminal import group

TEACHING = (
    "What the bot can answer by itself.",
    (
        "Edit the YAML in the folder `faq` beside your configuration, or a spreadsheet that `export` writes and"
        " `import` takes back. `check` finds mistakes, `ask` tries a question, `preview` shows what a change would do,"
        " `publish` makes it live, `rollback` undoes it. `gaps` tells what people ask in vain."
    ),
    (
        "All exit with 0 when all is well, with 1 when something failed, was refused or is not there, and with 2 when a"
        " file, the configuration or the command itself has a mistake."
    ),
)

COMMANDS: Mapping[str, Callable[..., None]] = {
    "check": check,
    "test": hold,
    "ask": ask,
    "preview": preview,
    "publish": publish,
    "history": history,
    "diff": diff,
    "rollback": rollback,
    "import": import_,
    "export": export,
    "gaps": gaps,
    "report": report,
    "health": health,
    "variants": variants,
    "match": match,
}

faq = group("\n\n".join(TEACHING))
for name, command in COMMANDS.items():
    faq.command(name)(command)

"""What the program says when a command fails, and the code that it ends with.

Nothing of an address beyond its host is said, whatever the error has taken up of it.
"""

from __future__ import annotations

import errno
import sys
import traceback
from contextlib import suppress

from posturecam.base import errors, memory
from posturecam.base.addresses import without_secrets
from posturecam.base.foreign_modules import REMEDY, foreign_modules
from posturecam.base.language import _, shown
from posturecam.base.platforms import why_unsupported_here
from posturecam.base.printable import printable_lines
from posturecam.outputs.terminal import takes_more
from posturecam.pose.system_libraries import SYSTEM_LIBRARIES_REMEDY, names_system_library


def explain(error: Exception, *, debug: bool) -> int:
    """Complains of the error in one or two lines, or shows where it arose; the exit code."""
    if debug:
        complain(without_secrets("".join(traceback.format_exception(error))), begin="")
        return 1
    if isinstance(error, errors.PosturecamError):
        complain(f"{without_secrets(shown(error.what))}\n{shown(error.remedy)}".rstrip())
        return error.exit_code
    what, exit_code = _unforeseen(error)
    complain(what)
    return exit_code


def complain(text: str, *, begin: str = "posturecam: ") -> None:
    """Says `text` on stderr; where that is gone, nobody is left to tell."""
    with suppress(OSError):
        if takes_more(sys.stderr):
            print(f"{begin}{printable_lines(text)}", file=sys.stderr, flush=True)


def _unforeseen(error: Exception) -> tuple[str, int]:
    match error:
        case OSError(errno=errno.EMFILE | errno.ENFILE):
            what = _("Too many files are open.")
            return f"{what}\n{shown(errors.MORE_FILES)}", 1
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            remedy = _("Free some space, or send the output elsewhere.")
            return f"{error.strerror}.\n{remedy}", errors.DataError.exit_code
        case MemoryError():
            return _too_little_memory(), 1
        case ImportError() if memory.lacks_memory():  # what it says then is not the reason
            return _too_little_memory(), errors.InstallationError.exit_code
    for module, file in foreign_modules().items():
        what = _("Another {module} is in the way: {file}").format(module=module, file=file)
        return f"{what}\n{shown(REMEDY)}", errors.InstallationError.exit_code
    said = without_secrets(str(error))
    if isinstance(error, ImportError):
        named = names_system_library(said)
        what = _("The installation is incomplete: {why}.").format(why=said)
        again = SYSTEM_LIBRARIES_REMEDY if named else errors.INSTALL_AGAIN
        unsupported = shown(why_unsupported_here())
        return unsupported or f"{what}\n{shown(again)}", errors.InstallationError.exit_code
    what = _("Something unforeseen went wrong: {kind}: {why}").format(
        kind=type(error).__name__, why=said
    )
    remedy = _("Run the same command with --debug for the details, and please report them.")
    return f"{what}\n{remedy}", 1


def _too_little_memory() -> str:
    return f"{shown(memory.TOO_LITTLE)}\n{shown(memory.REMEDY)}"

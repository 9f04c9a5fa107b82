# SPDX-License-Identifier: MIT
"""One co_await per statement, at its head, with nothing clever in the awaited expression.

Allowed: `co_await X;`  `T n = co_await X;`  `auto [a, b] = co_await X;`  `lhs = co_await X;`
`co_return co_await X;`, where X has no braces (but `{}` and `Millis{5}`), no `?`, no `&&` or `||`, no
second co_await.
Some compilers translate other shapes to wrong code without a warning; the allowed ones also read
top to bottom as one step per line.
"""
import re

import tree

# The one place where two operations race for the first to finish.
EXEMPT = {"daemon/net/race.hpp"}
_CONTROL = re.compile(r"^\s*(?:else\b|do\b|case\s(?:[^:;]|::)+:(?!:)|default\s*:|(?:public|private)\s*:)\s*")
_CONDITION = re.compile(r"^\s*(?:if(?:\s+constexpr)?|while|for|switch)\s*(?=\()")


def _matching_paren(text, start):
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return -1


def _statement_head(text, at):
    """From the start of the statement to the co_await; None when it stands inside parentheses."""
    depth = 0
    i = at - 1
    while i >= 0:
        char = text[i]
        if char in ")]":
            depth += 1
        elif char in "([":
            if depth == 0:
                return None
            depth -= 1
        elif char in ";{}" and depth == 0:
            break
        i -= 1
    return text[i + 1:at]


def _awaited(text, after):
    """From behind the co_await to the `;`; None when a bracket closes first."""
    depth = 0
    for i in range(after, len(text)):
        char = text[i]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if depth < 0:
            return None
        if char == ";" and depth == 0:
            return text[after:i]
    return None


def _without_control(head):
    """Drops `if (...)`, `else`, `case x:` in front of a one-line statement."""
    while True:
        condition = _CONDITION.match(head)
        if condition:
            end = _matching_paren(head, condition.end())
            if end < 0:
                return head
            head = head[end + 1:]
            continue
        control = _CONTROL.match(head)
        if not control:
            return head
        head = head[control.end():]


def problems_in(text):
    """(line, message) for each co_await in a shape that is not allowed."""
    bare = tree.bare_cpp(text)
    bare = re.sub(r"^[ \t]*#[^\n]*", lambda m: " " * len(m.group()), bare, flags=re.M)
    found = []
    for match in re.finditer(r"\bco_await\b", bare):
        line = tree.line_of(bare, match.start())
        head = _statement_head(bare, match.start())
        awaited = _awaited(bare, match.end())
        if head is None or awaited is None:
            found.append((line, "co_await inside brackets: give its result a name first"))
            continue
        head = _without_control(head).strip()
        if head not in ("", "co_return") and not re.search(r"[^=!<>+\-*/|&^%]=$", head):
            found.append((line, "co_await is not at the head of its statement"))
        elif re.search(r"\?|&&|\|\|", head):
            found.append((line, "?:, && or || beside co_await"))
        if re.search(r"\bco_await\b", awaited):
            found.append((line, "two co_await in one statement"))
        awaited = re.sub(r"\bMillis\{\s*\d+\s*\}|\{\s*\}", "", awaited)
        if re.search(r"[{}?]|&&|\|\|", awaited):
            found.append((line, "braces, a lambda, ?:, && or || in the awaited expression: name it first"))
    return found


def main():
    names = [name for name in tree.files(".cpp", ".hpp") if name not in EXEMPT]
    problems = [f"{name}:{line}: {message}"
                for name in names for line, message in problems_in(tree.read(name))]
    tree.finish("co_await", problems, len(names))


if __name__ == "__main__":
    main()

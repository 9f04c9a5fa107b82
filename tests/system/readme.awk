# SPDX-License-Identifier: MIT
# Takes README.md apart, so that its test runs what stands there: awk -v want=WHAT -f readme.awk README.md
#   block:HEADING:LANGUAGE:N  the lines of the Nth code block in that language under that heading
#   table:HEADING:COLUMN      the code in that column of the tables under it, a line each
BEGIN { split(want, part, ":"); pieces = part[1] == "table" }
/^```/ {
    if (inside) { inside = 0; next }
    inside = 1
    language = substr($0, 4)
    if (here && language == part[3]) count++
    next
}
!inside && /^## / { here = substr($0, 4) == part[2]; next }
inside && here && !pieces && language == part[3] && count == part[4] { print }
!inside && here && pieces && /^\|/ {
    row = $0
    gsub(/\\\|/, "\001", row)
    n = split(row, column, "|")
    if (part[3] + 1 >= n) next
    rest = column[part[3] + 1]
    while (match(rest, /`[^`]+`/)) {
        code = substr(rest, RSTART + 1, RLENGTH - 2)
        gsub("\001", "|", code)
        print code
        rest = substr(rest, RSTART + RLENGTH)
    }
}

# Sourced by ./run and ./test: looks whether .venv is as the locks say (a few milliseconds), and if not, has it set up.

environment() { # runtime or dev
    installed=$root/.venv/.installed
    if [ -x "$root/.venv/bin/onethread" ] && [ -x "$root/.venv/bin/python" ] &&
        cmp -s "$root/requirements/$1.lock" "$installed/$1.lock" &&
        cmp -s "$root/pyproject.toml" "$installed/pyproject.toml" &&
        [ "$(cat "$installed/root" 2>/dev/null)" = "$root" ]; then
        return
    fi
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
            "$python" "$root/scripts/environment.py" "$1"
            return
        fi
    done
    echo "Onethread needs Python 3.11, 3.12 or 3.13 with pip (on Debian: apt-get install python3 python3-pip)." >&2
    exit 1
}

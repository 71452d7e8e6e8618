# Sourced by ops/demo and ops/check: makes .venv hold exactly what requirements.lock says.
# Needs only python3 with pip and venv; uv is fetched from the registry when it is not there.
# Afterwards `.venv/bin/sunledger` works. A second call with an unchanged lock does nothing.
# `root` is the project, `called_from` the folder that relative paths of the caller mean.

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
called_from=$PWD
cd "$root"

say() { printf '\033[2m· %s\033[0m\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in ${SUNLEDGER_PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "需要 Python 3.11 或更高版本 · Python 3.11 or newer is needed" >&2
    return 2
}

find_uv() {
    if command -v uv >/dev/null; then
        command -v uv
        return
    fi
    if [ ! -x .venv/.uv/bin/uv ]; then
        say "uv is not here; fetching it with pip"
        "$1" -m venv .venv/.uv
        .venv/.uv/bin/python -m pip install --quiet --disable-pip-version-check uv >&2
    fi
    echo "$root/.venv/.uv/bin/uv"
}

setup() {
    local stamp python uv
    stamp=$(cat requirements.lock pyproject.toml | sha256sum)
    [ "$(cat .venv/.installed 2>/dev/null)" = "$stamp $root" ] && return
    python=$(find_python)
    uv=$(find_uv "$python")
    say "installing what requirements.lock names"
    "$uv" venv --quiet --allow-existing --python "$python" .venv
    "$uv" pip install --quiet --python .venv/bin/python --require-hashes -r requirements.lock
    "$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
    echo "$stamp $root" >.venv/.installed
}

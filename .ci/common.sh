# shellcheck shell=bash disable=SC2034
# What the scripts share: where the repository and its tools are. Sourced with bash.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Outside of .build, so that a fresh clone need not download it all again.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/assay

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# The tests find their tools by these names; what is set already stays.
export_tools() {
    export ASSAY_WEED=${ASSAY_WEED:-$cache/python/bin/weed}
    export ASSAY_SIGSTORE=${ASSAY_SIGSTORE:-$cache/sigstore-python/bin/sigstore}
    export ASSAY_WHEELS=${ASSAY_WHEELS:-$cache/wheels}
    if [ -z "${ASSAY_COSIGN:-}" ]; then
        local candidate
        for candidate in "${SIGSTORE_LOCAL_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/sigstore-local}/bin/cosign" \
            "$(command -v cosign || true)"; do
            [ -x "$candidate" ] || continue
            export ASSAY_COSIGN=$candidate
            break
        done
    fi
}

#!/bin/sh
# Night Tide: a dated copy of a folder, with a checksum, and the oldest copies cleared away.
#
#   night-tide.sh keep FOLDER COPIES [HOW_MANY]   make a copy, keep the newest HOW_MANY (7)
#   night-tide.sh check COPIES                    is every copy still what it was?
#   night-tide.sh back COPIES FOLDER              unpack the newest copy into an empty FOLDER
set -eu
umask 077

say() { printf '%s\n' "$*"; }
fail() { printf 'night-tide: %s\n' "$*" >&2; exit 1; }

keep() {
    [ -d "$1" ] || fail "$1 is not a folder."
    mkdir -p "$2"
    count=${3:-7}
    case $count in '' | 0 | *[!0-9]*) fail "$count is not a number above 0." ;; esac
    name="copy-$(date -u +%Y%m%dT%H%M%SZ)"
    [ ! -e "$2/$name.tar.gz" ] || fail "$name is there already. Wait a second."
    tar -czf "$2/.$name.part" -C "$1" .
    # The copy gets its name only when it is whole, so a broken run leaves no half copy behind.
    mv "$2/.$name.part" "$2/$name.tar.gz"
    (cd "$2" && sha256sum "$name.tar.gz" > "$name.sha256")
    say "kept $name.tar.gz"
    find "$2" -maxdepth 1 -name 'copy-*.tar.gz' | sort -r | tail -n "+$((count + 1))" |
        while IFS= read -r old; do
            rm -f -- "$old" "${old%.tar.gz}.sha256"
            say "cleared ${old##*/}"
        done
}

check() {
    [ -d "$1" ] || fail "$1 is not a folder."
    found=0
    for sum in "$1"/copy-*.sha256; do
        [ -e "$sum" ] || fail "there is no copy in $1."
        (cd "$1" && sha256sum -c --quiet "${sum##*/}") || fail "${sum##*/} does not match."
        found=$((found + 1))
    done
    say "$found copies are what they were."
}

back() {
    check "$1"
    mkdir -p "$2"
    [ -z "$(ls -A "$2")" ] || fail "$2 is not empty, so nothing was unpacked."
    newest=$(find "$1" -maxdepth 1 -name 'copy-*.tar.gz' | sort | tail -n 1)
    tar -xzf "$newest" -C "$2"
    say "unpacked ${newest##*/} into $2"
}

case "${1:-} $#" in
    'keep 3' | 'keep 4') shift; keep "$@" ;;
    'check 2') shift; check "$@" ;;
    'back 3') shift; back "$@" ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

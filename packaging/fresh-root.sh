#!/usr/bin/env bash
# Runs a command in a fresh Debian root that holds nothing but the base system, git and
# this tree: the proof that packaging/run.sh and packaging/test.sh need nothing more.
#
# Usage: packaging/fresh-root.sh [OPTION]... [--] COMMAND [ARGUMENT]...
#
#   --suite NAME   bookworm (the default) or trixie
#   --mirror URL   the Debian mirror to use, if not mmdebstrap's own choice
#   --head         the tree as committed in HEAD, as a git clone;
#                  without it: the files as they are now, less what git ignores
#   --folder DIR   where to make the root (default: TMPDIR, else /var/tmp); 3 GiB is enough
#   --keep         leave the root there, and say where
#   --help         this text
#
# The command starts in / and finds the tree in /opt/wsecho. It shares this machine's
# network, package settings (apt, pip, trusted certificates) and limits, and nothing else:
# its mounts and processes live in namespaces of their own and end with it.
#
# Examples:
#   packaging/fresh-root.sh /opt/wsecho/packaging/run.sh
#   packaging/fresh-root.sh --head --suite trixie /opt/wsecho/packaging/test.sh --stage release
#   packaging/fresh-root.sh bash        (look around in it)
#
# Exit status: the command's own; 2 asked wrongly, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=common.sh
. "$here/common.sh"
source_tree=$(dirname "$here")

suite=bookworm mirror='' from_head=false folder=${TMPDIR:-/var/tmp} keep=false
while (($#)); do
  case $1 in
    --suite | --mirror | --folder)
      (($# > 1)) || die 2 "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --head) from_head=true ;;
    --keep) keep=true ;;
    -h | --help) print_help && exit 0 ;;
    --) shift && break ;;
    -*) wrong_option "$1" ;;
    *) break ;;
  esac
  shift
done
(($#)) || die 2 "no command given (see '$program --help')"
[[ $suite == bookworm || $suite == trixie ]] || die 2 "--suite is bookworm or trixie, not '$suite'"
[[ -d $folder ]] || die 2 "--folder '$folder' is not there"
((EUID == 0)) || die 3 "making a root needs root: run it with sudo"
for tool in mmdebstrap unshare git tar; do
  command -v "$tool" >/dev/null || die 3 "$tool is missing: run '$here/install-dependencies.sh test'"
done

fresh=$(mktemp -d "$folder/wsecho-fresh.XXXXXX")
log=$fresh.log
# shellcheck disable=SC2317 # reached by the trap
clean_up() {
  rm -f "$log"
  # Nothing is mounted below it outside the command's own namespace; --one-file-system
  # makes sure of that.
  $keep || rm -rf --one-file-system "$fresh"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "Making a fresh $suite root in $fresh (half a minute)"
mmdebstrap --quiet --variant=minbase --include=git,ca-certificates "$suite" "$fresh" \
  ${mirror:+"$mirror"} >"$log" 2>&1 || {
  cat "$log" >&2
  die 1 "mmdebstrap failed; what it said is above"
}

# How this machine reaches its packages. Only what concerns that: the rest stays fresh.
cp -L /etc/resolv.conf /etc/hosts "$fresh/etc/"
apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https|ftp|Check-|Max-|Retries|AllowInsecure)' \
  >"$fresh/etc/apt/apt.conf.d/90host" || true
[[ ! -f /etc/pip.conf ]] || cp -L /etc/pip.conf "$fresh/etc/"
if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
  mkdir -p "$fresh/usr/local/share/ca-certificates"
  cp -L /usr/local/share/ca-certificates/*.crt "$fresh/usr/local/share/ca-certificates/"
  chroot "$fresh" update-ca-certificates >"$log" 2>&1
fi
environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
  LANG=C.UTF-8 "TERM=${TERM:-dumb}")
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY PIP_INDEX_URL \
  PIP_DEFAULT_TIMEOUT NO_COLOR CI; do
  [[ -z ${!name:-} ]] || environment+=("$name=${!name}")
done

if $from_head; then
  git clone --quiet --no-local "$source_tree" "$fresh/opt/wsecho"
else
  mkdir -p "$fresh/opt/wsecho"
  # Deleted but still tracked files are named by git, too: leave those out.
  git -C "$source_tree" ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
      [[ ! -e $source_tree/$file && ! -L $source_tree/$file ]] || printf '%s\0' "$file"
    done |
    tar --create --directory "$source_tree" --null --files-from - |
    tar --extract --no-same-owner --directory "$fresh/opt/wsecho"
fi

say "Running in it: $*"
# The shell stays as process 1, so that an orphan is reaped; all end with it.
# shellcheck disable=SC2016 # expands in there
inside='
  root=$1 && shift
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || true
  mount --rbind /dev "$root/dev"
  status=0
  env --ignore-environment "$@" || status=$?
  exit "$status"
'
status=0
unshare --mount --pid --fork --kill-child bash -euc "$inside" bash "$fresh" \
  "${environment[@]}" chroot "$fresh" "$@" || status=$?
if $keep; then say "The root is still in $fresh"; fi
if ((status == 0)); then good "It ended with status 0."; else warn "it ended with status $status"; fi
exit "$status"

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
#   --root DIR     make the root there and leave it; one that was left there is used again,
#                  with the packages and the build that it has, and the tree as it is now
#   --help         this text
#
# The command starts in the tree, which is /opt/wsecho there. It shares this machine's
# network, package settings (apt, pip, trusted certificates) and limits, and nothing else:
# its mounts and processes live in namespaces of their own and end with it.
#
# Examples:
#   packaging/fresh-root.sh packaging/run.sh
#   packaging/fresh-root.sh --head --suite trixie packaging/test.sh --stage release
#   packaging/fresh-root.sh --root /var/tmp/wsecho-root bash        (look around in it)
#
# Exit status: the command's own; 2 asked wrongly, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=common.sh
. "$here/common.sh"
source_tree=$(dirname "$here")

suite=bookworm mirror='' from_head=false folder=${TMPDIR:-/var/tmp} root=''
while (($#)); do
  case $1 in
    --suite | --mirror | --folder | --root)
      (($# > 1)) || die 2 "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --head) from_head=true ;;
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

if [[ -n $root ]]; then
  fresh=$(realpath --canonicalize-missing "$root")
else
  fresh=$(mktemp -d "$folder/wsecho-fresh.XXXXXX")
fi
tree=$fresh/opt/wsecho
log=$(mktemp)
# shellcheck disable=SC2317 # reached by the trap
clean_up() {
  rm -f "$log"
  # Nothing is mounted below it outside the command's own namespace; --one-file-system
  # makes sure of that.
  [[ -n $root ]] || rm -rf --one-file-system "$fresh"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# make_root   with nothing but the base system, git and this machine's way to its packages
make_root() {
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
}

# put_tree_in   in place of the one that is there, whose build is kept
put_tree_in() {
  mkdir -p "$tree"
  find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf --one-file-system {} +
  if $from_head; then
    git clone --quiet --no-local --no-checkout "$source_tree" "$tree/.clone"
    mv "$tree/.clone/.git" "$tree/.git"
    rmdir "$tree/.clone"
    git -C "$tree" reset --quiet --hard
    return
  fi
  # Deleted but still tracked files are named by git, too: leave those out.
  git -C "$source_tree" ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
      [[ ! -e $source_tree/$file && ! -L $source_tree/$file ]] || printf '%s\0' "$file"
    done |
    tar --create --directory "$source_tree" --null --files-from - |
    tar --extract --no-same-owner --directory "$tree"
}

# It is wsecho's own, or nothing.
if [[ -e $fresh/etc/wsecho-root ]]; then
  [[ $(<"$fresh/etc/wsecho-root") == "$suite" ]] ||
    die 2 "the root in '$fresh' is not $suite but $(<"$fresh/etc/wsecho-root")"
else
  [[ ! -e $fresh || -z $(ls -A "$fresh") ]] || die 2 "--root '$fresh' holds something else: name a new folder"
  make_root
  printf '%s\n' "$suite" >"$fresh/etc/wsecho-root"
fi
put_tree_in

environment=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
  LANG=C.UTF-8 "TERM=${TERM:-dumb}")
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY PIP_INDEX_URL \
  PIP_DEFAULT_TIMEOUT NO_COLOR CI; do
  [[ -z ${!name:-} ]] || environment+=("$name=${!name}")
done

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
  "${environment[@]}" chroot "$fresh" env --chdir=/opt/wsecho "$@" || status=$?
if ((status == 0)); then good "It ended with status 0."; else warn "it ended with status $status"; fi
exit "$status"

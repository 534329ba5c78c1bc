#!/usr/bin/env bash
# Runs a command on this tree under Debian 13 (trixie), with its compiler and its
# libwebsockets, whatever this machine runs.
#
# Usage: packaging/debian13.sh [OPTION]... [--] COMMAND [ARGUMENT]...
#
#   --root DIR   make the root there and leave it; one that was left there is used again,
#                with the packages and the build that it has, and the tree as it is now
#   --head       the tree as committed in HEAD; without it: the files as they are now
#   --help       this text; 'packaging/fresh-root.sh --help' has the rest
#
# Makes a root with mmdebstrap (half a minute), puts the tree into /opt/wsecho there and
# starts the command in it. The scripts install what they need in there.
#
# Examples:
#   packaging/debian13.sh packaging/run.sh
#   packaging/debian13.sh packaging/test.sh --stage release
#   packaging/debian13.sh --root /var/tmp/debian13 bash
#
# Exit status: the command's own; 2 asked wrongly, 3 this machine lacks something.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=common.sh
. "$here/common.sh"
case ${1:-} in
  -h | --help) print_help && exit 0 ;;
esac
exec "$here/fresh-root.sh" --suite trixie "$@"

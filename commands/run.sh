#!/bin/sh
# sh commands/run.sh [COMMAND [ARGUMENT …]]
#
# Every npm script runs through this. It installs what is missing (see bootstrap.js) and then becomes COMMAND: the same
# process, so that signals reach the command, and its exit code is the script's. Without COMMAND it installs only.
# When the installation fails, COMMAND does not run, and the exit code is 1.
#
# A shell script, because Node has no exec that works on the Node 20 that a fresh clone may start with.
node "$(dirname "$0")/bootstrap.js" || exit
# The installation may have brought another Node: the shell must look for it again.
hash -r
# Node keeps what it has compiled there: a command that ran before starts in less time.
: "${NODE_COMPILE_CACHE:=$(cd "$(dirname "$0")/.." && pwd)/.cache/compiled}"
export NODE_COMPILE_CACHE
exec "$@"

# Removes the directory $1 at end of file on stdin, which also a SIGKILL of the process at the other end
# brings. The processes that write there end at the same moment: hence the repeats.
read -r _
for _ in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$1" 2>/dev/null && [ ! -e "$1" ] && exit 0
  sleep 0.3
done
exit 1

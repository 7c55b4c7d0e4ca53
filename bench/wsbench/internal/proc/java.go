package proc

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// JVM is what a Java process holds, in bytes.
type JVM struct {
	// Live heap after a full collection.
	Live int64
	// Outside is the resident memory outside the heap: direct buffers, native allocations, code,
	// metadata, stacks.
	Outside int64
}

// Java finds the group's Java process; 0 when there is none.
func (p *Process) Java() (int, error) {
	pids, err := p.Pids()
	if err != nil {
		return 0, err
	}
	for _, pid := range pids {
		if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && filepath.Base(exe) == "java" {
			return pid, nil
		}
	}
	return 0, nil
}

// Jcmd runs one diagnostic command in the group's Java process.
func (p *Process) Jcmd(command ...string) (string, error) {
	pid, err := p.Java()
	if err != nil {
		return "", err
	}
	if pid == 0 {
		return "", fmt.Errorf("no java process in the group of %s", p.cmd.Path)
	}
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return "", err
	}
	out, err := exec.Command(filepath.Join(filepath.Dir(exe), "jcmd"), append([]string{strconv.Itoa(pid)}, command...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("jcmd %s: %w: %s", strings.Join(command, " "), err, out)
	}
	return string(out), nil
}

var (
	histogramTotal = regexp.MustCompile(`(?m)^Total\s+\d+\s+(\d+)`)
	heapRange      = regexp.MustCompile(`\[0x([0-9a-f]+), 0x[0-9a-f]+, 0x([0-9a-f]+)\)|\[0x([0-9a-f]+), 0x([0-9a-f]+)\)`)
)

// Memory collects garbage and measures what is left.
func (p *Process) Memory() (JVM, error) {
	// The histogram counts live objects only, so it collects first; its last line is their sum.
	histogram, err := p.Jcmd("GC.class_histogram")
	if err != nil {
		return JVM{}, err
	}
	total := histogramTotal.FindStringSubmatch(histogram)
	if total == nil {
		return JVM{}, fmt.Errorf("no total in the class histogram")
	}
	live, err := strconv.ParseInt(total[1], 10, 64)
	if err != nil {
		return JVM{}, err
	}
	info, err := p.Jcmd("GC.heap_info")
	if err != nil {
		return JVM{}, err
	}
	low, high, err := heapBounds(info)
	if err != nil {
		return JVM{}, err
	}
	pid, err := p.Java()
	if err != nil {
		return JVM{}, err
	}
	outside, err := residentOutside(pid, low, high)
	return JVM{live, outside}, err
}

// heapBounds reads the reserved address range of the heap from GC.heap_info. Metaspace has no
// addresses there, so every range belongs to the heap.
func heapBounds(info string) (low, high uint64, err error) {
	low = ^uint64(0)
	for _, m := range heapRange.FindAllStringSubmatch(info, -1) {
		from, err := strconv.ParseUint(m[1]+m[3], 16, 64)
		if err != nil {
			return 0, 0, err
		}
		to, err := strconv.ParseUint(m[2]+m[4], 16, 64)
		if err != nil {
			return 0, 0, err
		}
		low, high = min(low, from), max(high, to)
	}
	if high == 0 {
		return 0, 0, fmt.Errorf("no heap addresses in %q", info)
	}
	return low, high, nil
}

// residentOutside sums the resident memory of the mappings outside [low, high).
func residentOutside(pid int, low, high uint64) (int64, error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/smaps", pid))
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	var sum int64
	inside := false
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		if from, rest, ok := strings.Cut(line, "-"); ok && !strings.Contains(from, " ") && !strings.Contains(from, ":") {
			start, err := strconv.ParseUint(from, 16, 64)
			if err != nil {
				return 0, fmt.Errorf("smaps: %q: %w", rest, err)
			}
			inside = start >= low && start < high
			continue
		}
		if strings.HasPrefix(line, "Rss:") && !inside {
			bytes, err := Field(line, "Rss:")
			if err != nil {
				return 0, err
			}
			sum += bytes
		}
	}
	return sum, lines.Err()
}

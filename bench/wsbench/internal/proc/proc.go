// Package proc starts the servers under test, each in a process group of its own, measures what the
// whole group costs, and ends it.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Process is a running command and everything it started.
type Process struct {
	// Log is the file with its output.
	Log  string
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start runs the command in dir with its output in log. When this process dies unasked, the command
// gets SIGTERM.
func Start(dir, log string, env []string, command ...string) (*Process, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{Log: log, cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Ended tells whether the command has ended, and how.
func (p *Process) Ended() (bool, error) {
	select {
	case <-p.done:
		return true, p.err
	default:
		return false, nil
	}
}

// Signal sends a signal to the command alone.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Stop ends the group: SIGTERM, and SIGKILL to what is left of it after grace.
func (p *Process) Stop(grace time.Duration) {
	group := -p.cmd.Process.Pid
	_ = unix.Kill(group, unix.SIGTERM)
	deadline := time.Now().Add(grace)
	for time.Now().Before(deadline) && unix.Kill(group, 0) == nil {
		time.Sleep(20 * time.Millisecond)
	}
	_ = unix.Kill(group, unix.SIGKILL)
	<-p.done
}

// Pids lists the group's processes.
func (p *Process) Pids() ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, path := range stats {
		line, err := os.ReadFile(path)
		if err != nil {
			continue // ended since
		}
		// pid (name) state ppid pgrp …; the name may hold anything, so count from its end.
		fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
		if len(fields) > 2 && string(fields[2]) == strconv.Itoa(p.cmd.Process.Pid) && fields[0][0] != 'Z' {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				return nil, err
			}
			pids = append(pids, pid)
		}
	}
	if len(pids) == 0 {
		return nil, fmt.Errorf("%s has ended; see %s", p.cmd.Path, p.Log)
	}
	return pids, nil
}

// CPU is the processor time that the group's living processes have used, user and system, all
// threads, those that ended too. It is what utime and stime of /proc/PID/stat add up to, read from
// the process's CPU clock (clock_getcpuclockid), which counts nanoseconds instead of ticks.
func (p *Process) CPU() (time.Duration, error) {
	pids, err := p.Pids()
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for _, pid := range pids {
		const schedClock = 2
		var spec unix.Timespec
		if err := unix.ClockGettime(int32(^pid)<<3|schedClock, &spec); err != nil {
			if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ESRCH) {
				continue // ended since
			}
			return 0, err
		}
		sum += time.Duration(spec.Nano())
	}
	return sum, nil
}

// RSS is the group's resident memory in bytes.
func (p *Process) RSS() (int64, error) {
	pids, err := p.Pids()
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			return 0, err
		}
		bytes, err := Field(string(text), "Rss:")
		if err != nil {
			return 0, err
		}
		sum += bytes
	}
	return sum, nil
}

// Field reads a line "Name:   123 kB" and returns bytes.
func Field(text, name string) (int64, error) {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("no %s", name)
}

// Tail returns the last lines of the log, for an error message.
func (p *Process) Tail() string {
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

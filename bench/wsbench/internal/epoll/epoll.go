// Package epoll is a thin layer over Linux's readiness calls: a load generator that must leave two
// cores to what it measures can't afford a goroutine's wake-up for every message.
package epoll

import (
	"errors"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What a descriptor is watched for, and what Wait reports.
const (
	In     = unix.EPOLLIN
	Out    = unix.EPOLLOUT
	Broken = unix.EPOLLERR | unix.EPOLLHUP
)

// Poller watches descriptors. Not for use by several goroutines at once.
type Poller struct {
	fd     int
	events []unix.EpollEvent
}

// New makes a poller that reports up to batch events at a time.
func New(batch int) (*Poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return &Poller{fd, make([]unix.EpollEvent, batch)}, nil
}

// Close releases the poller, not what it watches.
func (p *Poller) Close() error { return unix.Close(p.fd) }

// Add watches fd (level-triggered) and reports it as id.
func (p *Poller) Add(fd int, id int32, what uint32) error {
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: what, Fd: id})
}

// Change replaces what fd is watched for.
func (p *Poller) Change(fd int, id int32, what uint32) error {
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_MOD, fd, &unix.EpollEvent{Events: what, Fd: id})
}

// Event is one report: the id given to Add, and what happened.
type Event struct {
	ID   int32
	What uint32
}

// Wait blocks until something happened or timeout passed, with the timer's own resolution rather
// than epoll_wait's milliseconds, and calls each for every event.
func (p *Poller) Wait(timeout time.Duration, each func(Event)) error {
	spec := unix.NsecToTimespec(max(0, timeout.Nanoseconds()))
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd),
		uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)),
		uintptr(unsafe.Pointer(&spec)), 0, 0)
	if errno != 0 {
		if errno == unix.EINTR {
			return nil
		}
		return errno
	}
	for _, event := range p.events[:n] {
		each(Event{event.Fd, event.Events})
	}
	return nil
}

// Read reads from a non-blocking descriptor without telling the Go scheduler, which is right only
// because it can't block. When nothing is there yet,
// IsAgain tells so of the error.
func Read(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// Write writes to a non-blocking descriptor, as Read reads. No room is 0 bytes and no error.
func Write(fd int, b []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if errno == unix.EAGAIN {
		return 0, nil
	}
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// IsAgain tells whether err says that nothing could be read yet.
func IsAgain(err error) bool {
	return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR)
}

package suite

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os/exec"
	"syscall"

	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/load"
)

// holder keeps tunnels open in a process of its own: the descriptors that one process may have would
// not do for the tunnels of all peers.
type holder struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// order is one line to a holder, reply the line it answers.
type order struct {
	// Dial opens that many more tunnels.
	Dial int `json:"dial,omitempty"`
	// Once sends a message of that many bytes over every tunnel.
	Once int `json:"once,omitempty"`
}

type reply struct {
	Open  int              `json:"open"`
	Bad   map[string]int64 `json:"bad,omitempty"`
	Error string           `json:"error,omitempty"`
}

// Hold obeys the orders on in until it ends; it is the other half of holder.
func Hold(ctx context.Context, target netip.AddrPort, in io.Reader, out io.Writer) error {
	g, err := load.New(load.Target{Address: target, Path: peer.Path})
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	orders, replies := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o order
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var r reply
		err := error(nil)
		if o.Dial > 0 {
			err = g.Dial(o.Dial)
		}
		if o.Once > 0 && err == nil {
			var result *load.Result
			if result, err = g.Once(ctx, o.Once); err == nil {
				r.Bad = result.Bad
			}
		}
		if err != nil {
			r.Error = err.Error()
		}
		r.Open = g.Open()
		if err := replies.Encode(r); err != nil {
			return err
		}
	}
}

func hold(ctx context.Context, self string, target netip.AddrPort) (*holder, error) {
	cmd := exec.CommandContext(ctx, self, "hold", "--target", target.String())
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &holder{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

// do gives one order; what goes wrong with any tunnel is an error.
func (h *holder) do(o order) error {
	if err := json.NewEncoder(h.in).Encode(o); err != nil {
		return err
	}
	line, err := h.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("the process that holds tunnels ended: %w", err)
	}
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	if r.Error != "" {
		return errors.New(r.Error)
	}
	for reason, n := range r.Bad {
		return fmt.Errorf("%d× %s", n, reason)
	}
	return nil
}

func (h *holder) stop() {
	_ = h.in.Close()
	_ = h.cmd.Process.Kill()
	_ = h.cmd.Wait()
}

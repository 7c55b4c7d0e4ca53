package suite

import (
	"context"
	"fmt"
	"time"

	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/load"
)

// window is a part of the time behind a start.
type window struct {
	name   string
	length time.Duration
}

// windows follow each other. Native peers are as fast in the first second as ever after: their figure
// of it stands for all, and is measured alone.
var windows = []window{
	{"1st second", time.Second},
	{"2nd to 5th", 4 * time.Second},
	{"6th to 20th", 15 * time.Second},
}

// startUp measures what a peer costs in its first seconds, which a JVM spends on compiling: what it
// uses until it serves, and then per round trip and per handshake, on a fresh instance for each.
func (b *Bench) startUp(ctx context.Context, o *Outcome) error {
	ready := o.metric(Metric{Name: "CPU until it serves", Unit: "s"})
	bad := faults{}
	kinds := []struct {
		name  string
		drive func(ctx context.Context, p *peer.Peer, length time.Duration) (*load.Result, error)
		costs []*Metric
	}{
		{name: "round trip", drive: func(ctx context.Context, p *peer.Peer, length time.Duration) (result *load.Result, err error) {
			err = tunnels(p, 100, func(g *load.Generator) error {
				result, err = g.ClosedLoop(ctx, 64, length)
				return err
			})
			return result, err
		}},
		{name: "handshake", drive: func(ctx context.Context, p *peer.Peer, length time.Duration) (result *load.Result, err error) {
			err = tunnels(p, 0, func(g *load.Generator) error {
				result, err = g.Handshakes(ctx, 16, length)
				return err
			})
			return result, err
		}},
	}
	for i := range kinds {
		for _, w := range windows {
			kinds[i].costs = append(kinds[i].costs, o.metric(Metric{
				Name: fmt.Sprintf("CPU per %s, %s", kinds[i].name, w.name), Unit: "µs",
			}))
		}
	}
	o.note("%d fresh instances of each peer and kind; the connections of a window are opened within it. Of native "+
		"peers the first second is measured, and stands for the others.", b.Options.Starts)
	for start := range b.Options.Starts {
		for i := range b.Options.Peers {
			name := b.Options.Peers[(start+i)%len(b.Options.Peers)]
			for _, kind := range kinds {
				if err := b.fresh(ctx, name, func(p *peer.Peer) error {
					used, err := cpu(p)
					if err != nil {
						return err
					}
					ready.add(p, used.Seconds())
					for at, w := range windows {
						result, used, err := cost(p, func() (*load.Result, error) { return kind.drive(ctx, p, w.length) })
						if err != nil {
							return err
						}
						bad.add(p, result)
						kind.costs[at].add(p, each(used, result.Count))
						if !peer.IsLongshore(name) {
							for _, later := range kind.costs[1:] {
								later.add(p, each(used, result.Count))
							}
							break
						}
					}
					return nil
				}); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		}
	}
	bad.note(o)
	return nil
}

// fresh starts an instance for one use.
func (b *Bench) fresh(ctx context.Context, name string, use func(*peer.Peer) error) error {
	p, err := b.launch(ctx, b.Setup, name, "-start")
	if err != nil {
		return err
	}
	defer p.Stop()
	return use(p)
}

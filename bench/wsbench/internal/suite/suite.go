// Package suite runs the scenarios: turn and turn about between the peers, so that what the machine
// does to one it does to all, and judges them by the ratios within each round.
package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/load"
)

// Options of a run.
type Options struct {
	// Peers and Scenarios by name, in order.
	Peers, Scenarios []string
	// Rounds is the number of pairs behind each ratio.
	Rounds int
	// Turn is how long one peer is measured at a time.
	Turn time.Duration
	// WarmUp is the processor time that Longshore may use before a scenario's first round. Native peers
	// are driven for a tenth of it.
	WarmUp time.Duration
	// Few and Many are the numbers of idle tunnels between which memory is measured.
	Few, Many int
	// Idle is how long tunnels rest before memory is measured.
	Idle time.Duration
	// Tunnels are open while manifests change, Changes times.
	Tunnels, Changes int
	// Routes are the table sizes of the propagation scenario, Edits the edits measured with each.
	Routes []int
	Edits  int
	// Starts is the number of fresh instances of each peer whose first seconds are measured.
	Starts int
}

// Bench is one run.
type Bench struct {
	Options Options
	Setup   peer.Setup
	// Progress is told what happens.
	Progress io.Writer
	// Outcomes of the scenarios so far.
	Outcomes []*Outcome

	peers    []*peer.Peer
	versions map[string]string
	// capacity is the rate in echoes per second that the half of is tested open loop.
	capacity float64
}

// Metric is one figure of a scenario, for every peer a value per round.
type Metric struct {
	Name   string               `json:"name"`
	Unit   string               `json:"unit"`
	Higher bool                 `json:"higherIsBetter,omitempty"`
	Values map[string][]float64 `json:"values"`
	// Aim and Limit are bounds on Longshore's ratio to the best other peer; 0 when there is none.
	Aim   float64 `json:"aim,omitempty"`
	Limit float64 `json:"limit,omitempty"`
	// Nginx bounds Longshore's ratio to nginx; 0 when there is none.
	Nginx float64 `json:"limitToNginx,omitempty"`
}

// Outcome is what one scenario brought.
type Outcome struct {
	Scenario string    `json:"scenario"`
	Title    string    `json:"title"`
	Metrics  []*Metric `json:"metrics"`
	// Notes qualify the figures: what was checked, what went wrong.
	Notes []string `json:"notes,omitempty"`
}

func (o *Outcome) note(format string, arguments ...any) {
	o.Notes = append(o.Notes, fmt.Sprintf(format, arguments...))
}

// metric adds a metric to the outcome.
func (o *Outcome) metric(m Metric) *Metric {
	m.Values = map[string][]float64{}
	o.Metrics = append(o.Metrics, &m)
	return o.Metrics[len(o.Metrics)-1]
}

func (m *Metric) add(p *peer.Peer, value float64) {
	m.Values[p.Name] = append(m.Values[p.Name], value)
}

// scenario is one thing to measure.
type scenario struct {
	name, title string
	run         func(*Bench, context.Context, *Outcome) error
}

var scenarios = []scenario{
	{"echo-64", "Echo of 64 bytes, 100 connections, closed loop", echoes(64, 100, limits{0.8, 1.0, 1.0})},
	{"echo-4k", "Echo of 4 KiB, 100 connections, closed loop", echoes(4<<10, 100, limits{0.8, 1.0, 1.0})},
	{"echo-64k", "Echo of 64 KiB, 20 connections, closed loop", echoes(64<<10, 20, limits{0.9, 1.1, 0})},
	{"latency", "64 bytes at half of nginx's closed-loop rate, 100 connections, open loop", (*Bench).latency},
	{"fanout", "1,000 connections, 5 messages of 64 bytes a second each, open loop", (*Bench).fanout},
	{"handshake", "Handshake and close, 16 at a time", (*Bench).handshake},
	{"h2-requests", "Requests over HTTP/2, 10 connections of 10 streams, closed loop", (*Bench).h2Requests},
	{"h2-ws-64", "Echo of 64 bytes over WebSockets on streams (RFC 8441), 10 connections of 10, closed loop", (*Bench).h2Echoes},
	{"memory", "Memory of an idle tunnel", (*Bench).memory},
	{"changes", "Configuration changes under open tunnels with traffic", (*Bench).changes},
	{"start", "The first seconds of a process, 64 bytes over 100 connections, and handshakes", (*Bench).startUp},
	{"propagation", "From a saved file to the first handshake by the new rule", (*Bench).propagation},
}

// Scenarios lists the names and titles of all scenarios.
func Scenarios() [][2]string {
	var all [][2]string
	for _, s := range scenarios {
		all = append(all, [2]string{s.name, s.title})
	}
	return all
}

// Run runs the scenarios that the options name. Outcomes holds what was measured, also after an error.
func (b *Bench) Run(ctx context.Context) error {
	defer b.stop()
	for _, s := range scenarios {
		if !slices.Contains(b.Options.Scenarios, s.name) {
			continue
		}
		b.say("%s: %s", s.name, s.title)
		start := time.Now()
		outcome := &Outcome{Scenario: s.name, Title: s.title}
		b.Outcomes = append(b.Outcomes, outcome)
		if err := s.run(b, ctx, outcome); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%s: %w", s.name, err)
		}
		b.say("  %v", time.Since(start).Round(time.Second))
	}
	return nil
}

// launch starts a peer and notes its version.
func (b *Bench) launch(ctx context.Context, setup peer.Setup, name, instance string) (*peer.Peer, error) {
	p, err := peer.Start(ctx, setup, name, instance)
	if err == nil {
		if b.versions == nil {
			b.versions = map[string]string{}
		}
		b.versions[name] = p.Version
	}
	return p, err
}

func (b *Bench) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(b.Progress, format+"\n", arguments...)
}

// start starts the peers that stay up over all interleaved scenarios.
func (b *Bench) start(ctx context.Context) error {
	if b.peers != nil {
		return nil
	}
	for _, name := range b.Options.Peers {
		p, err := b.launch(ctx, b.Setup, name, "")
		if err != nil {
			return err
		}
		b.peers = append(b.peers, p)
		b.say("  %s %s at %v", p.Name, p.Version, p.Address)
	}
	return nil
}

func (b *Bench) stop() {
	for _, p := range b.peers {
		p.Stop()
	}
}

// turn measures one peer once.
type turn func(ctx context.Context, p *peer.Peer, length time.Duration) error

// rounds warms the peers up, then gives each its turn in every round, a different one going first.
// The direct path takes part when asked for. During the warm-up warm is called, and no figures count.
func (b *Bench) rounds(ctx context.Context, direct bool, warm, measure turn) error {
	if err := b.start(ctx); err != nil {
		return err
	}
	peers := slices.Clone(b.peers)
	if direct {
		peers = append(peers, &peer.Peer{Name: peer.Direct, Address: b.Setup.A})
	}
	for _, p := range peers {
		if err := b.warm(ctx, p, warm); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	for round := range b.Options.Rounds {
		for i := range peers {
			p := peers[(round+i)%len(peers)]
			if err := measure(ctx, p, b.Options.Turn); err != nil {
				return fmt.Errorf("%s: %w", p.Name, err)
			}
		}
	}
	return nil
}

// warm drives a peer until it is as fast as it gets. A JVM has to compile what is hot, and on a busy
// machine gets little of the processor for it: so Longshore is driven until it has used WarmUp of the
// processor's time, not of the clock's, or has had four times as long.
func (b *Bench) warm(ctx context.Context, p *peer.Peer, drive turn) error {
	if !peer.IsLongshore(p.Name) {
		return drive(ctx, p, b.Options.WarmUp/10)
	}
	start, err := cpu(p)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(4 * b.Options.WarmUp)
	for used := time.Duration(0); used < b.Options.WarmUp && time.Now().Before(deadline); {
		if err := drive(ctx, p, min(time.Second, b.Options.WarmUp)); err != nil {
			return err
		}
		now, err := cpu(p)
		if err != nil {
			return err
		}
		used = now - start
	}
	return nil
}

// cpu is the processor time of the peer so far; 0 for the direct path.
func cpu(p *peer.Peer) (time.Duration, error) {
	if p.Process == nil {
		return 0, nil
	}
	return p.Process.CPU()
}

// cost measures what the peer's processes use while do runs.
func cost(p *peer.Peer, do func() (*load.Result, error)) (*load.Result, time.Duration, error) {
	before, err := cpu(p)
	if err != nil {
		return nil, 0, err
	}
	result, err := do()
	if err != nil {
		return nil, 0, err
	}
	after, err := cpu(p)
	return result, after - before, err
}

// each is the cost of one unit in microseconds.
func each(total time.Duration, count int64) float64 {
	if count == 0 {
		return math.NaN()
	}
	return float64(total.Nanoseconds()) / float64(count) / 1000
}

// faults adds up what went wrong with each peer.
type faults map[string]map[string]int64

func (f faults) add(p *peer.Peer, result *load.Result) {
	for reason, n := range result.Bad {
		if f[p.Name] == nil {
			f[p.Name] = map[string]int64{}
		}
		f[p.Name][reason] += n
	}
}

func (f faults) note(o *Outcome) {
	for name, reasons := range f {
		all := load.Result{Bad: reasons}
		o.note("**%s: %s**", name, all.Problems())
	}
}

// tunnels opens a generator with n tunnels through the peer, and hands it to use.
func tunnels(p *peer.Peer, n int, use func(*load.Generator) error) (err error) {
	g, err := load.New(load.Target{Address: p.Address, Path: peer.Path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	if n > 0 {
		if err := g.Dial(n); err != nil {
			return err
		}
	}
	return use(g)
}

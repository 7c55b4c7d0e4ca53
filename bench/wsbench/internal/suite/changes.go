package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/load"
	"longshore.dev/bench/wsbench/ws"
)

const (
	// changesPerSecond is the pace of the edits.
	changesPerSecond = 100
	// reloads of nginx stand beside the edits; each starts new workers, so it can't keep their pace.
	reloads = 20
)

// changes edits the manifests while tunnels carry traffic and probes make handshakes and requests.
func (b *Bench) changes(ctx context.Context, o *Outcome) error {
	dropped := o.metric(Metric{Name: "dropped tunnels", Unit: ""})
	failed := o.metric(Metric{Name: "probes answered 5xx or not at all", Unit: ""})
	p999 := o.metric(Metric{Name: "p99.9 during changes ÷ quiet", Unit: "×"})
	for _, name := range b.Options.Peers {
		var edit editor
		switch name {
		case peer.Longshore:
			edit = (*Bench).editManifests
		case peer.Nginx:
			edit = (*Bench).reloadNginx
		default:
			continue
		}
		if err := b.underChange(ctx, o, name, edit, dropped, failed, p999); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(dropped.Values) == 0 {
		o.note("Neither longshore nor nginx takes part.")
	}
	return nil
}

// editor changes the configuration many times and says in words what it did.
type editor func(b *Bench, ctx context.Context, p *peer.Peer) (string, error)

func (b *Bench) underChange(
	ctx context.Context, o *Outcome, name string, edit editor, dropped, failed, p999 *Metric,
) error {
	p, err := b.launch(ctx, b.Setup, name, "-changes")
	if err != nil {
		return err
	}
	defer p.Stop()
	if err := b.secondRoute(ctx, p); err != nil {
		return err
	}
	n := b.Options.Tunnels
	return tunnels(p, n/2, func(g *load.Generator) error {
		if name == peer.Longshore {
			// Half of the tunnels are of a route that will be removed and come back under them.
			if err := g.Aim(load.Target{Address: p.Address, Path: leavingPath}); err != nil {
				return err
			}
		}
		if err := g.Dial(n - n/2); err != nil {
			return err
		}
		rate := float64(n)
		if _, err := g.OpenLoop(ctx, 64, rate, max(time.Second, b.Options.WarmUp/2), nil); err != nil {
			return err
		}
		quiet, err := g.OpenLoop(ctx, 64, rate, max(2*time.Second, b.Options.WarmUp/2), nil)
		if err != nil {
			return err
		}
		done := make(chan struct{})
		var did string
		var editing error
		probes := &probe{address: p.Address.String()}
		var both sync.WaitGroup
		both.Go(func() { probes.run(ctx, done) })
		both.Go(func() {
			defer close(done)
			did, editing = edit(b, ctx, p)
		})
		busy, err := g.OpenLoop(ctx, 64, rate, time.Hour, done)
		<-done
		both.Wait()
		if editing != nil {
			return editing
		}
		if busy == nil {
			return err // with a result, the error is that no tunnel was left
		}
		dropped.add(p, float64(n-g.Open()))
		failed.add(p, float64(probes.bad))
		p999.add(p, busy.Quantile(99.9)/quiet.Quantile(99.9))
		o.note("%s: %s under %d tunnels with %.0f messages/s; %d of %d tunnels dropped (%s); %d probes, %d failed (%s).",
			name, did, n, rate, n-g.Open(), n, orNone(busy.Problems()), probes.count, probes.bad, orNone(probes.first))
		return nil
	})
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// probe makes handshakes and plain requests in turn and counts the answers that no change may cause.
type probe struct {
	address    string
	count, bad int
	first      string
}

func (p *probe) run(ctx context.Context, done <-chan struct{}) {
	pace := time.NewTicker(5 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		p.count++
		var err error
		if p.count%2 == 0 {
			err = upgrade(ctx, p.address, nil)
		} else {
			err = get(ctx, "http://"+p.address+peer.Path)
		}
		if err != nil && ctx.Err() == nil {
			p.bad++
			if p.first == "" {
				p.first = err.Error()
			}
		}
	}
}

func upgrade(ctx context.Context, address string, header http.Header) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := ws.Dial(ctx, address, peer.Path, header)
	if err != nil {
		return err
	}
	return c.Bye(1000)
}

func get(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode >= 400 {
		return fmt.Errorf("plain request answered %s", response.Status)
	}
	return nil
}

// leavingPath has a rule of its own in Longshore's manifests.
const leavingPath = "/leaving"

// secondRoute adds the rule of leavingPath.
func (b *Bench) secondRoute(ctx context.Context, p *peer.Peer) error {
	if p.Name != peer.Longshore {
		return nil
	}
	if err := peer.Save(filepath.Join(p.Dir, "leaving.yaml"), b.leaving()); err != nil {
		return err
	}
	return awaitRule(ctx, p.Address.String(), "", leavingPath, "")
}

func (b *Bench) leaving() []byte {
	return manifest("leaving", nil, leavingPath, "Prefix", []string{endpoint(b.Setup.A), endpoint(b.Setup.B)}, "")
}

// editManifests makes right and wrong edits in turn: endpoints removed and added, policies changed,
// routes added, removed and brought back, rules that can't be served, files that can't be read.
func (b *Bench) editManifests(ctx context.Context, p *peer.Peer) (string, error) {
	var (
		ab    = []string{endpoint(b.Setup.A), endpoint(b.Setup.B)}
		file  = func(name string) string { return filepath.Join(p.Dir, name+".yaml") }
		bench = func(endpoints []string, policy string) error {
			return peer.Save(file("route"), manifest("bench", nil, peer.Path, "Prefix", endpoints, policy))
		}
		added = func(i int) string { return fmt.Sprintf("added-%d", i%50) }
	)
	edits := []func(i int) error{
		func(int) error { return bench(ab[:1], "") },
		func(i int) error {
			return peer.Save(file(added(i)), manifest(added(i), []string{added(i) + ".example.com"}, "/", "Prefix", ab, ""))
		},
		func(int) error { return bench(ab, "{timeouts: {idle: 2h}}") },
		func(int) error { return os.Remove(file("leaving")) },
		func(i int) error { // a rule without its pool
			text := manifest("wrong", []string{"wrong.example.com"}, "/", "Prefix", ab, "")
			return peer.Save(file("wrong"), bytes.Replace(text, []byte("upstream: backend"), []byte("upstream: missing"), 1))
		},
		func(int) error { slices.Reverse(ab); return bench(ab, "") },
		func(int) error { return peer.Save(file("leaving"), b.leaving()) },
		func(int) error { return peer.Save(file("broken"), []byte("kind: [WebSocketRoute\n\t- :")) },
		func(i int) error { // a value out of bounds
			text := manifest("wrong", []string{"wrong.example.com"}, "/", "Prefix", ab, "{timeouts: {idle: soon}}")
			return peer.Save(file("wrong"), text)
		},
		func(i int) error {
			return errors.Join(os.Remove(file(added(i-8))), os.Remove(file("wrong")), os.Remove(file("broken")))
		},
	}
	start := time.Now()
	for i := range b.Options.Changes {
		if err := edits[i%len(edits)](i); err != nil {
			return "", err
		}
		if err := sleepUntil(ctx, start.Add(time.Duration(i+1)*time.Second/changesPerSecond)); err != nil {
			return "", err
		}
	}
	if err := bench(ab, ""); err != nil {
		return "", err
	}
	// What the last edits do shows a little later.
	return fmt.Sprintf("%d edits, %d/s", b.Options.Changes, changesPerSecond), sleepUntil(ctx, time.Now().Add(time.Second))
}

func (b *Bench) reloadNginx(ctx context.Context, p *peer.Peer) (string, error) {
	n := min(reloads, b.Options.Changes)
	for i := range n {
		p.Values.Extra = []string{fmt.Sprintf("server { listen %v; server_name added-%d.example.com; return 204; }", p.Address, i)}
		if err := p.Render(b.Setup); err != nil {
			return "", err
		}
		if err := p.Process.Signal(syscall.SIGHUP); err != nil {
			return "", err
		}
		if err := sleepUntil(ctx, time.Now().Add(500*time.Millisecond)); err != nil {
			return "", err
		}
	}
	// Longer than the worker_shutdown_timeout of its configuration, which ends the last old worker.
	return fmt.Sprintf("%d reloads, 2/s, worker_shutdown_timeout 5s", n), sleepUntil(ctx, time.Now().Add(6*time.Second))
}

func sleepUntil(ctx context.Context, moment time.Time) error {
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// propagation measures from the rename that saves a file until the first handshake that the new rule
// answers, with tables of several sizes.
func (b *Bench) propagation(ctx context.Context, o *Outcome) error {
	if !slices.Contains(b.Options.Peers, peer.Longshore) {
		o.note("Longshore takes no part.")
		return nil
	}
	for _, routes := range b.Options.Routes {
		b.say("  %d routes", routes)
		if err := b.propagate(ctx, o, routes); err != nil {
			return fmt.Errorf("%d routes: %w", routes, err)
		}
	}
	return nil
}

func (b *Bench) propagate(ctx context.Context, o *Outcome, routes int) error {
	p, err := b.launch(ctx, b.Setup, peer.Longshore, fmt.Sprintf("-routes-%d", routes))
	if err != nil {
		return err
	}
	defer p.Stop()
	if err := b.fill(p.Dir, routes-1); err != nil {
		return err
	}
	const host = "probe.example.com"
	backends := [2]string{endpoint(b.Setup.A), endpoint(b.Setup.B)}
	edit := func(i int) error {
		return peer.Save(filepath.Join(p.Dir, "probe.yaml"),
			manifest("probe", []string{host}, peer.Path, "Prefix", backends[i%2:i%2+1], ""))
	}
	expected := [2]string{"a", "b"}
	address := p.Address.String()
	if err := edit(1); err != nil {
		return err
	}
	if err := awaitRule(ctx, address, host, peer.Path, expected[1]); err != nil {
		return err
	}
	if routes > 1 {
		last := fmt.Sprintf("filler-%d.example.com", routes-2)
		if err := awaitRule(ctx, address, last, "/", ""); err != nil {
			return err
		}
	}
	const unmeasured = 20
	times := hdrhistogram.New(1000, int64(time.Minute), 3)
	for i := range unmeasured + b.Options.Edits {
		start := time.Now()
		if err := edit(i); err != nil {
			return err
		}
		if err := awaitRule(ctx, address, host, peer.Path, expected[i%2]); err != nil {
			return err
		}
		if i >= unmeasured {
			if err := times.RecordValue(time.Since(start).Nanoseconds()); err != nil {
				return err
			}
		}
		if err := sleepUntil(ctx, time.Now().Add(20*time.Millisecond)); err != nil {
			return err
		}
	}
	spent, err := b.costOfAChange(ctx, p, edit)
	if err != nil {
		return err
	}
	quantile := func(q float64) float64 { return float64(times.ValueAtQuantile(q)) / 1e6 }
	for _, figure := range []struct {
		name, unit string
		value      float64
	}{{"p50", "ms", quantile(50)}, {"p99", "ms", quantile(99)}, {"longest", "ms", quantile(100)}, {"CPU of one change", "ms", spent}} {
		m := o.metric(Metric{Name: fmt.Sprintf("%s, %d routes", figure.name, routes), Unit: figure.unit})
		m.add(p, figure.value)
	}
	return nil
}

// costOfAChange is the processor time of one edit in milliseconds, less what the process uses anyway.
func (b *Bench) costOfAChange(ctx context.Context, p *peer.Peer, edit func(int) error) (float64, error) {
	over := func(edits int) (time.Duration, error) {
		before, err := p.Process.CPU()
		if err != nil {
			return 0, err
		}
		for i := range 40 {
			if i < edits {
				if err := edit(i); err != nil {
					return 0, err
				}
			}
			if err := sleepUntil(ctx, time.Now().Add(50*time.Millisecond)); err != nil {
				return 0, err
			}
		}
		after, err := p.Process.CPU()
		return after - before, err
	}
	idle, err := over(0)
	if err != nil {
		return 0, err
	}
	busy, err := over(40)
	return float64((busy - idle).Microseconds()) / 40 / 1000, err
}

// fill writes n routes, each for a host of its own, a hundred to a file.
func (b *Bench) fill(dir string, n int) error {
	for from := 0; from < n; from += 100 {
		var text bytes.Buffer
		for i := from; i < min(from+100, n); i++ {
			name := fmt.Sprintf("filler-%d", i)
			text.WriteString("---\n")
			text.Write(manifest(name, []string{name + ".example.com"}, "/", "Prefix", []string{endpoint(b.Setup.A)}, ""))
		}
		if err := peer.Save(filepath.Join(dir, fmt.Sprintf("filler-%d.yaml", from/100)), text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// awaitRule makes handshakes one after another until one is answered by the backend ("": any).
func awaitRule(ctx context.Context, address, host, path, backend string) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	header := http.Header{}
	if host != "" {
		header.Set("Host", host)
	}
	for {
		c, err := ws.Dial(ctx, address, path, header)
		if err == nil {
			got := c.Response.Get("X-Backend")
			if err := c.Bye(1000); err != nil {
				return err
			}
			if backend == "" || got == backend {
				return nil
			}
			continue
		}
		var status *ws.StatusError
		if !errors.As(err, &status) || ctx.Err() != nil {
			return fmt.Errorf("handshake for %s%s: %w", host, path, err)
		}
	}
}

func endpoint(address interface{ String() string }) string {
	host, port, _ := strings.Cut(address.String(), ":")
	return fmt.Sprintf("{address: %s, port: %s}", host, port)
}

// manifest is a WebSocketRoute with one pool and one location; policy is YAML in flow style or "".
func manifest(name string, hosts []string, path, pathType string, endpoints []string, policy string) []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "apiVersion: longshore.dev/v1alpha1\nkind: WebSocketRoute\nmetadata: {name: %s, namespace: bench}\n"+
		"spec:\n  ingressClassName: longshore\n", name)
	if len(hosts) > 0 {
		fmt.Fprintf(&text, "  hosts: [%s]\n", strings.Join(hosts, ", "))
	}
	fmt.Fprintf(&text, "  upstreams:\n  - {name: backend, endpoints: [%s]}\n"+
		"  locations:\n  - {path: %s, pathType: %s, upstream: backend}\n", strings.Join(endpoints, ", "), path, pathType)
	if policy != "" {
		fmt.Fprintf(&text, "  policy: %s\n", policy)
	}
	return text.Bytes()
}

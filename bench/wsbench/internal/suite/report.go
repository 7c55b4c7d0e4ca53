package suite

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/internal/proc"
	"longshore.dev/bench/wsbench/internal/stat"
)

// Machine is where a run took place.
type Machine struct {
	CPU      string `json:"cpu"`
	Cores    int    `json:"cores"`
	MemoryGB int64  `json:"memoryGB"`
	Kernel   string `json:"kernel"`
	// Load is the load average at the start of the run.
	Load string `json:"load"`
}

// ThisMachine describes the machine.
func ThisMachine() Machine {
	m := Machine{Cores: runtime.NumCPU()}
	for line := range strings.Lines(read("/proc/cpuinfo")) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			m.CPU = strings.TrimSpace(strings.TrimLeft(name, "\t :"))
			break
		}
	}
	if bytes, err := proc.Field(read("/proc/meminfo"), "MemTotal:"); err == nil {
		m.MemoryGB = bytes >> 30
	}
	m.Kernel = strings.TrimSpace(read("/proc/sys/kernel/osrelease"))
	if fields := strings.Fields(read("/proc/loadavg")); len(fields) > 2 {
		m.Load = strings.Join(fields[:3], " ")
	}
	return m
}

func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

// Report is a run as it is kept.
type Report struct {
	Start    time.Time         `json:"start"`
	Seconds  float64           `json:"seconds"`
	Commit   string            `json:"commit"`
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Options  Options           `json:"options"`
	Outcomes []*Outcome        `json:"outcomes"`
	// Ratios to the reference peer, by scenario, metric and peer.
	Ratios map[string]map[string]map[string]stat.Ratio `json:"ratios"`
	// Reference is the peer whose ratio is 1.
	Reference string `json:"reference"`
}

// Report sums the run up.
func (b *Bench) Report(start time.Time, machine Machine, checkout string) *Report {
	r := &Report{
		Start: start, Seconds: time.Since(start).Seconds(), Commit: commit(checkout), Machine: machine,
		Versions: b.versions, Options: b.Options, Outcomes: b.Outcomes, Reference: b.reference(),
		Ratios: map[string]map[string]map[string]stat.Ratio{},
	}
	for _, o := range b.Outcomes {
		r.Ratios[o.Scenario] = map[string]map[string]stat.Ratio{}
		for _, m := range o.Metrics {
			base, ok := m.Values[r.Reference]
			if !ok {
				continue
			}
			ratios := map[string]stat.Ratio{}
			for name, values := range m.Values {
				if ratio := stat.Compare(values, base); ratio.Pairs > 0 {
					ratios[name] = ratio
				}
			}
			r.Ratios[o.Scenario][m.Name] = ratios
		}
	}
	return r
}

func commit(checkout string) string {
	out, err := exec.Command("git", "-C", checkout, "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// Write keeps the report as JSON and as Markdown in the folder and returns the Markdown's path.
func (r *Report) Write(folder string) (string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(folder, r.Start.UTC().Format("20060102-150405"))
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(path+".json", append(text, '\n'), 0o644); err != nil {
		return "", err
	}
	var page strings.Builder
	r.Markdown(&page)
	return path + ".md", os.WriteFile(path+".md", []byte(page.String()), 0o644)
}

// Markdown prints the tables.
func (r *Report) Markdown(w io.Writer) {
	p := func(format string, arguments ...any) { _, _ = fmt.Fprintf(w, format+"\n", arguments...) }
	p("Commit %s, %s; %s, %d cores shared by generator, proxy and backends, %d GB, Linux %s, load average %s at the start.",
		r.Commit, r.Start.UTC().Format("2006-01-02 15:04 UTC"), r.Machine.CPU, r.Machine.Cores, r.Machine.MemoryGB,
		r.Machine.Kernel, r.Machine.Load)
	p("%d rounds of %v a turn, %.0f s in all. Cells: median, and in parentheses the median of the ratios to %s within each "+
		"round with its 95 %% interval.", r.Options.Rounds, r.Options.Turn, r.Seconds, r.Reference)
	p("")
	for _, name := range r.Options.Peers {
		p("- %s: %s", name, r.Versions[name])
	}
	p("")
	p("| scenario | figure | %s |", strings.Join(r.Options.Peers, " | "))
	p("|---|---|%s", strings.Repeat("---|", len(r.Options.Peers)))
	for _, o := range r.Outcomes {
		for _, m := range o.Metrics {
			cells := make([]string, 0, len(r.Options.Peers))
			for _, name := range r.Options.Peers {
				cells = append(cells, r.cell(o, m, name))
			}
			p("| %s | %s%s | %s |", o.Scenario, m.Name, unit(m), strings.Join(cells, " | "))
		}
	}
	p("")
	for _, o := range r.Outcomes {
		for _, note := range o.Notes {
			p("- %s: %s", o.Scenario, note)
		}
	}
	r.judge(p)
}

func unit(m *Metric) string {
	if m.Unit == "" {
		return ""
	}
	return ", " + m.Unit
}

func (r *Report) cell(o *Outcome, m *Metric, name string) string {
	values := m.Values[name]
	if len(values) == 0 {
		return "–"
	}
	text := number(stat.Median(values))
	ratio, ok := r.Ratios[o.Scenario][m.Name][name]
	switch {
	case !ok || name == r.Reference:
		return text
	case ratio.Pairs == 1:
		return fmt.Sprintf("%s (**%.2f**)", text, ratio.Median)
	default:
		return fmt.Sprintf("%s (**%.2f**, %.2f–%.2f)", text, ratio.Median, ratio.Low, ratio.High)
	}
}

func number(v float64) string {
	switch {
	case v == float64(int64(v)) || v >= 1000:
		return fmt.Sprintf("%.0f", v)
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// judge holds Longshore against the best of the others, metric by metric. A figure is within a bound
// when the interval's favourable end is: over it is only what is so with 95 % confidence.
func (r *Report) judge(p func(string, ...any)) {
	if !slices.Contains(r.Options.Peers, peer.Longshore) || len(r.Options.Peers) < 2 {
		return
	}
	p("")
	p("| Longshore against | figure | ratio (95 %% interval) | aim | bound | within |")
	p("|---|---|---|---|---|---|")
	for _, o := range r.Outcomes {
		for _, m := range o.Metrics {
			ours := m.Values[peer.Longshore]
			if len(ours) == 0 {
				continue
			}
			if best := bestOther(m); best != "" && m.Aim > 0 {
				r.verdict(p, o, m, best, stat.Compare(ours, m.Values[best]), m.Aim, m.Limit)
			}
			if base := m.Values[peer.Nginx]; m.Nginx > 0 && len(base) > 0 {
				r.verdict(p, o, m, peer.Nginx, stat.Compare(ours, base), 0, m.Nginx)
			}
		}
	}
}

func (r *Report) verdict(p func(string, ...any), o *Outcome, m *Metric, other string, ratio stat.Ratio, aim, limit float64) {
	within := func(bound float64) bool {
		if m.Higher {
			return ratio.High >= bound
		}
		return ratio.Low <= bound
	}
	words := "no"
	switch {
	case aim > 0 && within(aim):
		words = "aim"
	case limit > 0 && within(limit):
		words = "bound"
	case limit == 0:
		words = "not the aim"
	}
	bound := func(b float64) string {
		if b == 0 {
			return "–"
		}
		return fmt.Sprintf("%.1f×", b)
	}
	p("| %s | %s: %s | %.2f (%.2f–%.2f) | %s | %s | %s |", other, o.Scenario, m.Name, ratio.Median, ratio.Low, ratio.High,
		bound(aim), bound(limit), words)
}

// bestOther is the other peer with the best median.
func bestOther(m *Metric) string {
	best := ""
	for name, values := range m.Values {
		if peer.IsLongshore(name) || len(values) == 0 {
			continue
		}
		if best == "" || (stat.Median(values) < stat.Median(m.Values[best])) != m.Higher {
			best = name
		}
	}
	return best
}

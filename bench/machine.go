package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Machine is what the figures depend on.
type Machine struct {
	CPU      string `json:"cpu"` // model, where the system tells it
	Cores    int    `json:"cores"`
	MemoryMB int64  `json:"memory_mb"` // 0 where the system does not tell it
	System   string `json:"system"`
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %d MB, %s", m.CPU, m.Cores, m.MemoryMB, m.System)
}

var (
	modelLine  = regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`)
	memoryLine = regexp.MustCompile(`(?m)^MemTotal:\s*(\d+) kB$`)
)

// machine describes this one, as far as Linux' /proc tells.
func machine() Machine {
	m := Machine{CPU: "unknown processor", Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, _ := os.ReadFile("/proc/cpuinfo")
	if found := modelLine.FindSubmatch(info); found != nil {
		m.CPU = strings.TrimSpace(string(found[1]))
	}
	info, _ = os.ReadFile("/proc/meminfo")
	if found := memoryLine.FindSubmatch(info); found != nil {
		kb, _ := strconv.ParseInt(string(found[1]), 10, 64)
		m.MemoryMB = kb >> 10
	}
	return m
}

// loadAverage is that of the last minute; 0 where the system does not tell it.
func loadAverage() float64 {
	info, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(info), " ")
	x, _ := strconv.ParseFloat(first, 64)
	return x
}

// tick is the unit of Linux' CPU times.
const tick = time.Second / 100

// machineCPU is the CPU time that all programs together took since the machine's start, with what the host
// of a virtual machine took for others; 0 where the system does not tell it.
func machineCPU() time.Duration {
	info, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(info), "\n")
	fields := strings.Fields(line) // cpu user nice system idle iowait irq softirq steal ...
	if len(fields) < 9 {
		return 0
	}
	return ticks(slices.Concat(fields[1:4], fields[6:9]))
}

// treeCPU is the CPU time of a process and of those of its children that have ended.
func treeCPU(pid int) time.Duration {
	info, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(info), ") ") // behind the program's name, in parentheses
	fields := strings.Fields(rest)
	if len(fields) < 15 {
		return 0
	}
	return ticks(fields[11:15]) // utime stime cutime cstime
}

func ticks(fields []string) time.Duration {
	var sum int64
	for _, f := range fields {
		n, _ := strconv.ParseInt(f, 10, 64)
		sum += n
	}
	return time.Duration(sum) * tick
}

// shrink gives memory back and makes Linux forget how large this process was: a program that it starts
// counts that size as its own peak.
func shrink() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // elsewhere there is nothing to forget
}

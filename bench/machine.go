package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
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

// shrink gives memory back and makes Linux forget how large this process was: a program that it starts
// counts that size as its own peak.
func shrink() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // elsewhere there is nothing to forget
}

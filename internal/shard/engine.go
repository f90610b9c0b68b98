package shard

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Total is the variable that says how many shards there are where the engine does not.
const Total = "SOWER_SHARDS"

// engine is one that starts many processes of one job, and numbers them in their environment.
type engine struct {
	name  string
	index string // variable with the number of the process: where it is set, the engine is there
	count string // with their number; "" where the engine sets none
	total string // what Total is to be set to where it is missing
	slurm bool   // numbers need not begin at 0
}

var engines = []engine{
	{name: "Kubernetes", index: "JOB_COMPLETION_INDEX", total: "the Job's completions"},
	{name: "Slurm", index: "SLURM_ARRAY_TASK_ID", count: "SLURM_ARRAY_TASK_COUNT", slurm: true},
	{name: "AWS Batch", index: "AWS_BATCH_JOB_ARRAY_INDEX", count: "AWS_BATCH_JOB_ARRAY_SIZE", total: "the array's size"},
	{name: "Cloud Run", index: "CLOUD_RUN_TASK_INDEX", count: "CLOUD_RUN_TASK_COUNT", total: "the number of tasks"},
}

// Find learns the shard of this process from the environment, which getenv reads, and says what it goes by:
// "Slurm: SLURM_ARRAY_TASK_ID=2, ...".
func Find(getenv func(string) string) (s Shard, by string, err error) {
	var there []engine
	var names, set []string
	for _, e := range engines {
		names = append(names, fmt.Sprintf("%s (%s)", e.index, e.name))
		if getenv(e.index) != "" {
			there = append(there, e)
			set = append(set, names[len(names)-1])
		}
	}
	switch {
	case len(there) == 0:
		return Shard{}, "", fmt.Errorf("no engine has numbered this process: none of %s is set; write --shard I/N", strings.Join(names, ", "))
	case len(there) > 1:
		return Shard{}, "", fmt.Errorf("two engines have numbered this process, %s: write --shard I/N", strings.Join(set, " and "))
	}
	v := &variables{getenv: getenv, engine: there[0]}
	find := v.counted
	if v.engine.slurm && getenv(Total) == "" {
		find = v.array
	}
	s, err = find()
	if len(v.wrong) > 0 {
		err = errors.Join(v.wrong...)
	}
	if err == nil {
		err = v.within(s)
	}
	if err != nil {
		return Shard{}, "", fmt.Errorf("%s: %w", v.engine.name, err)
	}
	return s, v.engine.name + ": " + strings.Join(v.read, ", "), nil
}

// variables are those that an engine has set.
type variables struct {
	getenv func(string) string
	engine engine
	read   []string // NAME=value, as they were looked at
	wrong  []error  // of values that are no numbers
}

// number reads a variable; false where it is not set.
func (v *variables) number(name string) (int, bool) {
	text := v.getenv(name)
	if text == "" {
		return 0, false
	}
	v.read = append(v.read, name+"="+text)
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1<<31-1 {
		v.wrong = append(v.wrong, fmt.Errorf("%s is %q: a number from 0 is expected", name, text))
	}
	return n, true
}

// counted is a shard whose number counts from 0, of as many as the engine or Total says.
func (v *variables) counted() (Shard, error) {
	index, _ := v.number(v.engine.index)
	total, given := v.number(Total)
	if v.engine.slurm {
		if last, ok := v.number("SLURM_ARRAY_TASK_MAX"); ok && last >= total {
			return Shard{}, fmt.Errorf("with %s=%d the ids of the array count from 0, so that the last is %d, and SLURM_ARRAY_TASK_MAX is %d: --array=0-%d, or some of these",
				Total, total, total-1, last, total-1)
		}
		return Shard{index + 1, total}, nil
	}
	count, known := 0, false
	if v.engine.count != "" {
		count, known = v.number(v.engine.count)
	}
	switch {
	case !known && !given && v.engine.count == "":
		return Shard{}, fmt.Errorf("%s=%d says which part this is, but nothing says of how many: set %s to %s", v.engine.index, index, Total, v.engine.total)
	case !known && !given:
		return Shard{}, fmt.Errorf("%s=%d says which part this is, but %s, which says of how many, is not set: set %s to %s",
			v.engine.index, index, v.engine.count, Total, v.engine.total)
	case known && given && count != total:
		return Shard{}, fmt.Errorf("%s is %d and %s is %d: they have to agree", v.engine.count, count, Total, total)
	case !known:
		count = total
	}
	return Shard{index + 1, count}, nil
}

// array is a shard of a Slurm array, which is to have no gaps.
func (v *variables) array() (Shard, error) {
	id, _ := v.number(v.engine.index)
	first, ok1 := v.number("SLURM_ARRAY_TASK_MIN")
	last, ok2 := v.number("SLURM_ARRAY_TASK_MAX")
	count, ok3 := v.number(v.engine.count)
	if !ok1 || !ok2 || !ok3 {
		return Shard{}, fmt.Errorf("SLURM_ARRAY_TASK_ID=%d says which part this is, but not all of SLURM_ARRAY_TASK_MIN, SLURM_ARRAY_TASK_MAX and SLURM_ARRAY_TASK_COUNT are set: "+
			"set %s to the number of all parts, with --array=0-LAST", id, Total)
	}
	by, _ := v.number("SLURM_ARRAY_TASK_STEP")
	by = max(by, 1)
	if first+(count-1)*by != last || (id-first)%by != 0 {
		return Shard{}, fmt.Errorf("the array has gaps (%d tasks from %d to %d), so that its ids do not tell the parts: submit a whole range, or, to repeat some parts, "+
			"set %s to the number of all, and number them from 0", count, first, last, Total)
	}
	return Shard{(id-first)/by + 1, count}, nil
}

// within is an error where a shard is none of those there are.
func (v *variables) within(s Shard) error {
	read := strings.Join(v.read, ", ")
	switch {
	case s.Count < 1 || s.Count > Most:
		return fmt.Errorf("%s: there are 1 to %d parts", read, Most)
	case s.Index < 1 || s.Index > s.Count:
		return fmt.Errorf("%s: the parts are numbered from 0 to %d", read, s.Count-1)
	}
	return nil
}

package shard

import (
	"strings"
	"testing"
)

// Shards tile the rows, whatever their number, and in large tables begin at thousands.
func TestRows(t *testing.T) {
	for _, n := range []int64{0, 1, 7, 999, 1000, 12_345, 1_000_003, 10_000_000_000} {
		if first, rows := (Shard{}).Rows(n); first != 0 || rows != n {
			t.Errorf("the zero shard of %d rows is %d from %d", n, rows, first)
		}
		for _, count := range []int{1, 2, 3, 16, 1000} {
			at := int64(0)
			for i := 1; i <= count; i++ {
				first, rows := Shard{i, count}.Rows(n)
				if first != at || rows < 0 {
					t.Fatalf("shard %d/%d of %d rows is %d from %d, want from %d", i, count, n, rows, first, at)
				}
				if n/int64(count) >= step && first%step != 0 {
					t.Errorf("shard %d/%d of %d rows begins at %d", i, count, n, first)
				}
				at += rows
			}
			if at != n {
				t.Errorf("%d shards of %d rows have %d", count, n, at)
			}
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Shard{"": {}, "1/1": {1, 1}, "2/8": {2, 8}, "1000000/1000000": {Most, Most}} {
		got, err := Parse(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"1", "/", "0/4", "5/4", "-1/4", "a/b", "1/4/8", "1/1000001", " 1/4"} {
		if got, err := Parse(text); err == nil || !strings.Contains(err.Error(), "write I/N") {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
}

// env reads NAME=value words.
func env(words string) func(string) string {
	return func(name string) string {
		for w := range strings.FieldsSeq(words) {
			if v, ok := strings.CutPrefix(w, name+"="); ok {
				return v
			}
		}
		return ""
	}
}

const slurm = "SLURM_ARRAY_JOB_ID=77 SLURM_ARRAY_TASK_MIN=%0 SLURM_ARRAY_TASK_MAX=%1 SLURM_ARRAY_TASK_COUNT=%2 SLURM_ARRAY_TASK_STEP=%3 SLURM_ARRAY_TASK_ID=%4"

// array is what Slurm sets: first and last id, number, step and own id.
func array(numbers string) string {
	out := slurm
	for i, n := range strings.Fields(numbers) {
		out = strings.ReplaceAll(out, "%"+string(rune('0'+i)), n)
	}
	return out
}

func TestFind(t *testing.T) {
	for words, want := range map[string]string{
		"JOB_COMPLETION_INDEX=0 SOWER_SHARDS=16":  "1/16 Kubernetes: JOB_COMPLETION_INDEX=0, SOWER_SHARDS=16",
		"JOB_COMPLETION_INDEX=15 SOWER_SHARDS=16": "16/16",
		array("0 15 16 1 0"):                      "1/16 Slurm: SLURM_ARRAY_TASK_ID=0, SLURM_ARRAY_TASK_MIN=0, SLURM_ARRAY_TASK_MAX=15",
		array("1 16 16 1 16"):                     "16/16",
		array("10 40 4 10 30"):                    "3/4",
		array("5 5 1 1 5"):                        "1/1",
		array("3 7 2 4 7") + " SOWER_SHARDS=16":   "8/16",
		array("3 7 2 1 3") + " SOWER_SHARDS=16":   "4/16",
		"SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=1 SLURM_ARRAY_TASK_COUNT=2": "2/2",
		"AWS_BATCH_JOB_ARRAY_INDEX=2 AWS_BATCH_JOB_ARRAY_SIZE=3":                                       "3/3 AWS Batch: ",
		"AWS_BATCH_JOB_ARRAY_INDEX=2 SOWER_SHARDS=3":                                                   "3/3",
		"AWS_BATCH_JOB_ARRAY_INDEX=2 AWS_BATCH_JOB_ARRAY_SIZE=3 SOWER_SHARDS=3":                        "3/3",
		"CLOUD_RUN_TASK_INDEX=0 CLOUD_RUN_TASK_COUNT=1 CLOUD_RUN_TASK_ATTEMPT=2":                       "1/1 Cloud Run: CLOUD_RUN_TASK_INDEX=0, CLOUD_RUN_TASK_COUNT=1",
	} {
		s, by, err := Find(env(words))
		if got := s.String() + " " + by; err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s\n is %q, %v\nwant %q", words, got, err, want)
		}
	}
	for words, want := range map[string]string{
		"":                                        "none of JOB_COMPLETION_INDEX (Kubernetes), SLURM_ARRAY_TASK_ID (Slurm), AWS_BATCH_JOB_ARRAY_INDEX (AWS Batch), CLOUD_RUN_TASK_INDEX (Cloud Run) is set; write --shard I/N",
		"SOWER_SHARDS=4":                          "none of",
		"JOB_COMPLETION_INDEX=0":                  "Kubernetes: JOB_COMPLETION_INDEX=0 says which part this is, but nothing says of how many: set SOWER_SHARDS to the Job's completions",
		"JOB_COMPLETION_INDEX=x SOWER_SHARDS=4":   `JOB_COMPLETION_INDEX is "x": a number from 0 is expected`,
		"JOB_COMPLETION_INDEX=-1 SOWER_SHARDS=4":  "a number from 0",
		"JOB_COMPLETION_INDEX=4 SOWER_SHARDS=4":   "the parts are numbered from 0 to 3",
		"JOB_COMPLETION_INDEX=0 SOWER_SHARDS=0":   "there are 1 to",
		"JOB_COMPLETION_INDEX=0 SOWER_SHARDS=all": `SOWER_SHARDS is "all"`,
		"JOB_COMPLETION_INDEX=0 SOWER_SHARDS=4 CLOUD_RUN_TASK_INDEX=0": "two engines have numbered this process, JOB_COMPLETION_INDEX (Kubernetes) and CLOUD_RUN_TASK_INDEX (Cloud Run)",
		"SLURM_ARRAY_TASK_ID=3":                   "not all of SLURM_ARRAY_TASK_MIN, SLURM_ARRAY_TASK_MAX and SLURM_ARRAY_TASK_COUNT are set",
		array("1 9 3 1 5"):                        "the array has gaps (3 tasks from 1 to 9)",
		array("0 8 5 2 3"):                        "the array has gaps",
		array("1 16 16 1 1") + " SOWER_SHARDS=16": "with SOWER_SHARDS=16 the ids of the array count from 0, so that the last is 15, and SLURM_ARRAY_TASK_MAX is 16: --array=0-15",
		array("0 15 16 1 99"):                     "the parts are numbered from 0 to 15",
		"AWS_BATCH_JOB_ARRAY_INDEX=2":             "AWS_BATCH_JOB_ARRAY_SIZE, which says of how many, is not set: set SOWER_SHARDS to the array's size",
		"AWS_BATCH_JOB_ARRAY_INDEX=2 AWS_BATCH_JOB_ARRAY_SIZE=3 SOWER_SHARDS=4": "AWS_BATCH_JOB_ARRAY_SIZE is 3 and SOWER_SHARDS is 4: they have to agree",
		"CLOUD_RUN_TASK_INDEX=3 CLOUD_RUN_TASK_COUNT=3":                         "Cloud Run: CLOUD_RUN_TASK_INDEX=3, CLOUD_RUN_TASK_COUNT=3: the parts are numbered from 0 to 2",
	} {
		if s, _, err := Find(env(words)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n is %v, %v\nwant %q", words, s, err, want)
		}
	}
}

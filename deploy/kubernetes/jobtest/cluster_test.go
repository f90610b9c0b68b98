// Package jobtest runs the Jobs of deploy/kubernetes under the Job controller of Kubernetes: its objects live in a fake
// API server, what it decides is the controller's own, and its pods are processes of this machine.
package jobtest

import (
	"context"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/batch"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	jobcontroller "k8s.io/kubernetes/pkg/controller/job"
	jobregistry "k8s.io/kubernetes/pkg/registry/batch/job"
)

const namespace = "default"

// cluster is an API server that holds Jobs, pods and secrets, a Job controller and a node.
type cluster struct {
	client *fake.Clientset
	node   *node
}

func newCluster(t *testing.T, program string) *cluster {
	t.Helper()
	c := &cluster{client: newClient()}
	ctx, cancel := context.WithCancel(t.Context())
	shared := informers.NewSharedInformerFactory(c.client, 0)
	controller, err := jobcontroller.NewController(ctx, c.client, shared.Core().V1().Pods(), shared.Batch().V1().Jobs(),
		shared.Scheduling().V1beta1().Workloads(), shared.Scheduling().V1beta1().PodGroups())
	if err != nil {
		t.Fatal(err)
	}
	c.node = newNode(t, c.client, shared.Core().V1().Pods(), program)
	shared.Start(ctx.Done())
	shared.WaitForCacheSync(ctx.Done())
	done := make(chan struct{})
	go func() {
		defer close(done)
		controller.Run(ctx, 2)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		c.node.stop()
	})
	return c
}

// apply creates a Job as the API server does: with its defaults, labels and selector, and not unless it is valid.
func (c *cluster) apply(t *testing.T, job *batchv1.Job) {
	t.Helper()
	job = job.DeepCopy()
	job.Namespace = namespace
	job.UID = types.UID("job-" + job.Name) // that its pods are known by
	legacyscheme.Scheme.Default(job)
	internal := new(batch.Job)
	if err := legacyscheme.Scheme.Convert(job, internal, nil); err != nil {
		t.Fatal(err)
	}
	ctx := genericapirequest.WithNamespace(t.Context(), namespace)
	jobregistry.Strategy.PrepareForCreate(ctx, internal)
	if errs := jobregistry.Strategy.Validate(ctx, internal); len(errs) > 0 {
		t.Fatalf("%s: %v", job.Name, errs.ToAggregate())
	}
	if warnings := jobregistry.Strategy.WarningsOnCreate(ctx, internal); len(warnings) > 0 {
		t.Errorf("%s: %s", job.Name, strings.Join(warnings, "; "))
	}
	made := new(batchv1.Job)
	if err := legacyscheme.Scheme.Convert(internal, made, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.client.BatchV1().Jobs(namespace).Create(t.Context(), made, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (c *cluster) secret(t *testing.T, name string, values map[string]string) {
	t.Helper()
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}, Data: map[string][]byte{}}
	for k, v := range values {
		s.Data[k] = []byte(v)
	}
	if _, err := c.client.CoreV1().Secrets(namespace).Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// wait returns a Job's status once it has ended, and the condition with which it did, Complete or Failed.
func (c *cluster) wait(t *testing.T, name string, limit time.Duration) (batchv1.JobStatus, batchv1.JobCondition) {
	t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		job, err := c.client.BatchV1().Jobs(namespace).Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, cond := range job.Status.Conditions {
			if cond.Status == corev1.ConditionTrue && (cond.Type == batchv1.JobComplete || cond.Type == batchv1.JobFailed) {
				return job.Status, cond
			}
		}
		if time.Now().After(end) {
			t.Fatalf("%s has not ended in %v: %+v\n%s", name, limit, job.Status, c.node.log())
		}
	}
}

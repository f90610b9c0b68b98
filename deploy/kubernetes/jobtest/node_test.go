package jobtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/retry"
)

// node runs the one container of each pod as a process: its arguments, its environment with secrets and with what
// refers to fields of the pod, its exit code.
type node struct {
	client  kubernetes.Interface
	program string // that is in the image
	ctx     context.Context
	work    sync.WaitGroup

	mu   sync.Mutex
	pods []*process               // in the order of their creation
	held map[string][]*corev1.Pod // by Job: those that no machine has had room for yet
}

type process struct {
	name, job string
	index     string // of an indexed Job
	cmd       *exec.Cmd
	out       bytes.Buffer
	drained   bool
	lost      bool // the cluster hears no more of it
	code      int  // -1 while it runs
}

func newNode(t *testing.T, client kubernetes.Interface, pods coreinformers.PodInformer, program string) *node {
	t.Helper()
	n := &node{client: client, program: program, ctx: context.WithoutCancel(t.Context()), held: map[string][]*corev1.Pod{}}
	_, err := pods.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) {
			pod := obj.(*corev1.Pod)
			job := pod.Labels[batchv1.JobNameLabel]
			n.mu.Lock()
			pods, held := n.held[job]
			if held {
				n.held[job] = append(pods, pod)
			}
			n.mu.Unlock()
			if !held {
				n.start(t, pod)
			}
		},
		UpdateFunc: func(_, obj any) {
			pod := obj.(*corev1.Pod)
			if pod.DeletionTimestamp == nil {
				return
			}
			if p := n.find(func(p *process) bool { return p.name == pod.Name }); p != nil {
				_ = p.cmd.Process.Signal(syscall.SIGTERM)
			} else if len(pod.Finalizers) == 0 {
				now := int64(0)
				_ = client.CoreV1().Pods(namespace).Delete(n.ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &now})
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *node) start(t *testing.T, pod *corev1.Pod) {
	c := pod.Spec.Containers[0]
	env, err := n.environment(pod, c)
	if err != nil {
		t.Errorf("%s: %v", pod.Name, err)
		return
	}
	p := &process{name: pod.Name, job: pod.Labels[batchv1.JobNameLabel], code: -1}
	p.index = pod.Annotations[batchv1.JobCompletionIndexAnnotation]
	p.cmd = exec.Command(n.program, c.Args...)
	p.cmd.Env = env
	p.cmd.Dir = t.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	n.mu.Lock()
	err = p.cmd.Start()
	n.pods = append(n.pods, p)
	n.mu.Unlock()
	if err != nil {
		t.Errorf("%s: %v", pod.Name, err)
		return
	}
	n.work.Go(func() {
		n.status(t, p, func(s *corev1.PodStatus) { s.Phase = corev1.PodRunning })
		err := p.cmd.Wait()
		var exit *exec.ExitError
		code := 0
		switch {
		case errors.As(err, &exit) && exit.ExitCode() >= 0:
			code = exit.ExitCode()
		case err != nil: // by a signal
			code = 128 + int(syscall.SIGKILL)
		}
		n.mu.Lock()
		p.code = code
		drained, lost := p.drained, p.lost
		n.mu.Unlock()
		if lost {
			return
		}
		n.status(t, p, func(s *corev1.PodStatus) {
			s.Phase = corev1.PodSucceeded
			if code != 0 {
				s.Phase = corev1.PodFailed
			}
			if drained {
				s.Conditions = append(s.Conditions, disrupted("EvictionByEvictionAPI"))
			}
			s.ContainerStatuses = []corev1.ContainerStatus{{Name: c.Name, State: corev1.ContainerState{
				Terminated: &corev1.ContainerStateTerminated{ExitCode: int32(code), FinishedAt: metav1.Now()},
			}}}
		})
	})
}

func (n *node) status(t *testing.T, p *process, change func(*corev1.PodStatus)) {
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		pod, err := n.client.CoreV1().Pods(namespace).Get(n.ctx, p.name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		change(&pod.Status)
		_, err = n.client.CoreV1().Pods(namespace).UpdateStatus(n.ctx, pod, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", p.name, err)
	}
}

// disrupted is the condition of a pod that ends for no fault of its own.
func disrupted(reason string) corev1.PodCondition {
	return corev1.PodCondition{
		Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason, LastTransitionTime: metav1.Now(),
	}
}

// environment is a container's: variables, secrets, fields of its pod. Nothing of this process's but where programs are.
func (n *node) environment(pod *corev1.Pod, c corev1.Container) ([]string, error) {
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent"}
	for _, from := range c.EnvFrom {
		secret, err := n.client.CoreV1().Secrets(namespace).Get(n.ctx, from.SecretRef.Name, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		for k, v := range secret.Data {
			env = append(env, k+"="+string(v))
		}
	}
	for _, e := range c.Env {
		value := e.Value
		switch from := e.ValueFrom; {
		case from == nil:
		case from.SecretKeyRef != nil:
			ref := from.SecretKeyRef
			secret, err := n.client.CoreV1().Secrets(namespace).Get(n.ctx, ref.Name, metav1.GetOptions{})
			if err != nil {
				return nil, err
			}
			v, ok := secret.Data[ref.Key]
			if !ok {
				return nil, fmt.Errorf("%s: the secret %s has no %s", e.Name, ref.Name, ref.Key)
			}
			value = string(v)
		default:
			kind, key, _ := strings.Cut(strings.TrimSuffix(from.FieldRef.FieldPath, "']"), "['")
			fields := map[string]map[string]string{"metadata.annotations": pod.Annotations, "metadata.labels": pod.Labels}[kind]
			v, ok := fields[key]
			if !ok {
				return nil, fmt.Errorf("%s: no field %s", e.Name, from.FieldRef.FieldPath)
			}
			value = v
		}
		env = append(env, e.Name+"="+value)
	}
	return env, nil
}

// running are the processes of a Job's pods that run, in the order of their creation.
func (n *node) running(job string) (out []*process) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.pods {
		if p.code < 0 && p.job == job && !p.lost {
			out = append(out, p)
		}
	}
	return out
}

// find returns the first running process for which the condition holds; nil where there is none.
func (n *node) find(cond func(*process) bool) *process {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.pods {
		if p.code < 0 && cond(p) {
			return p
		}
	}
	return nil
}

// hold leaves the pods of a Job pending, as where no machine has room, until the function that it returns is called.
func (n *node) hold(t *testing.T, job string) (release func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.held[job] = nil
	return func() {
		n.mu.Lock()
		pods := n.held[job]
		delete(n.held, job)
		n.mu.Unlock()
		for _, pod := range pods {
			n.start(t, pod)
		}
	}
}

// kill ends a process as the kernel does where memory is short.
func (n *node) kill(p *process) {
	_ = p.cmd.Process.Kill()
}

// drain ends a process because its node goes away.
func (n *node) drain(p *process) {
	n.mu.Lock()
	p.drained = true
	n.mu.Unlock()
	_ = p.cmd.Process.Kill()
}

// lose takes a process's machine off the network: the cluster gives its pod up, and the process goes on.
func (n *node) lose(t *testing.T, p *process) {
	n.mu.Lock()
	p.lost = true
	n.mu.Unlock()
	n.status(t, p, func(s *corev1.PodStatus) {
		s.Phase = corev1.PodFailed
		s.Conditions = append(s.Conditions, disrupted("DeletionByPodGC"))
	})
}

// codes are the exit codes of a Job's pods, in the order of their creation, or of those of one index.
func (n *node) codes(job, index string) []int {
	n.mu.Lock()
	defer n.mu.Unlock()
	var codes []int
	for _, p := range n.pods {
		if p.job == job && p.index == index {
			codes = append(codes, p.code)
		}
	}
	return codes
}

// log is what the pods have printed.
func (n *node) log() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var b strings.Builder
	for _, p := range n.pods {
		if p.code < 0 {
			fmt.Fprintf(&b, "%s: runs\n", p.name)
			continue
		}
		fmt.Fprintf(&b, "%s: exit code %d\n%s", p.name, p.code, p.out.String())
	}
	return b.String()
}

func (n *node) stop() {
	n.mu.Lock()
	for _, p := range n.pods {
		if p.code < 0 && p.cmd.Process != nil {
			_ = p.cmd.Process.Kill()
		}
	}
	n.mu.Unlock()
	n.work.Wait()
}

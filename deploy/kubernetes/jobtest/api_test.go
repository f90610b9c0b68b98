package jobtest

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	ktesting "k8s.io/client-go/testing"
)

// versions gives the fake API server what the controller goes by: each change of an object has a version of its own, who
// changes an older one is refused, objects have UIDs, and pods that are deleted stay until their node takes them away.
// One call is under way at a time: the client sees to that.
type versions struct {
	ktesting.ObjectTracker
	last int
}

func newClient() *fake.Clientset {
	client := fake.NewClientset()
	client.PrependReactor("*", "*", ktesting.ObjectReaction(&versions{ObjectTracker: client.Tracker()}))
	return client
}

func (v *versions) next(obj runtime.Object) (metav1.Object, error) {
	o, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	v.last++
	o.SetResourceVersion(strconv.Itoa(v.last))
	return o, nil
}

func (v *versions) Create(gvr schema.GroupVersionResource, obj runtime.Object, ns string, opts ...metav1.CreateOptions) error {
	o, err := v.next(obj)
	if err != nil {
		return err
	}
	if o.GetName() == "" {
		o.SetName(fmt.Sprintf("%s%04d", o.GetGenerateName(), v.last))
	}
	if o.GetUID() == "" {
		o.SetUID(types.UID(fmt.Sprintf("%s-%d", gvr.Resource, v.last)))
	}
	o.SetCreationTimestamp(metav1.Now())
	return v.ObjectTracker.Create(gvr, obj, ns, opts...)
}

func (v *versions) Update(gvr schema.GroupVersionResource, obj runtime.Object, ns string, opts ...metav1.UpdateOptions) error {
	now, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	before, err := v.Get(gvr, ns, now.GetName())
	if err != nil {
		return err
	}
	if b, err := meta.Accessor(before); err != nil {
		return err
	} else if was := now.GetResourceVersion(); was != "" && was != b.GetResourceVersion() {
		return apierrors.NewConflict(gvr.GroupResource(), now.GetName(), fmt.Errorf("version %s is not the last one, %s", was, b.GetResourceVersion()))
	}
	if _, err := v.next(obj); err != nil {
		return err
	}
	return v.ObjectTracker.Update(gvr, obj, ns, opts...)
}

func (v *versions) Patch(gvr schema.GroupVersionResource, obj runtime.Object, ns string, opts ...metav1.PatchOptions) error {
	if _, err := v.next(obj); err != nil {
		return err
	}
	return v.ObjectTracker.Patch(gvr, obj, ns, opts...)
}

func (v *versions) Delete(gvr schema.GroupVersionResource, ns, name string, opts ...metav1.DeleteOptions) error {
	now := len(opts) > 0 && opts[0].GracePeriodSeconds != nil && *opts[0].GracePeriodSeconds == 0
	obj, err := v.Get(gvr, ns, name)
	if err != nil {
		return err
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok || now {
		return v.ObjectTracker.Delete(gvr, ns, name, opts...)
	}
	if pod.DeletionTimestamp == nil {
		at := metav1.Now()
		pod.DeletionTimestamp = &at
		return v.Update(gvr, pod, ns)
	}
	return nil
}

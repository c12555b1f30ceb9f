// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults of the whole device: the cable, the controller, the k-th I/O.
 */
#include <linux/slab.h>

#include "rt.h"

/* Process context; sleeps. */
int rt_rule_add(struct rt_dev *dev, const struct rt_rule *rule)
{
	struct rt_rule *copy = kmemdup(rule, sizeof(*rule), GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	spin_lock_irq(&rt_lock);
	list_add_tail(&copy->list, &dev->rules);
	spin_unlock_irq(&rt_lock);
	return 0;
}

void rt_rule_clear(struct rt_dev *dev)
{
	struct rt_rule *rule;
	struct rt_rule *next;
	LIST_HEAD(gone);

	spin_lock_irq(&rt_lock);
	list_splice_init(&dev->rules, &gone);
	spin_unlock_irq(&rt_lock);

	list_for_each_entry_safe(rule, next, &gone, list)
		kfree(rule);
}

/*
 * Every rule of the class counts this I/O, so that two rules do not shift one
 * another; the first one that is due gives the status.
 */
bool rt_rule_hit_locked(struct rt_dev *dev, unsigned int ops,
			blk_status_t *status)
{
	struct rt_rule *rule;
	struct rt_rule *next;
	bool hit = false;

	lockdep_assert_held(&rt_lock);
	list_for_each_entry_safe(rule, next, &dev->rules, list) {
		if (!(rule->ops & ops))
			continue;
		if (rule->skip) {
			rule->skip--;
			continue;
		}
		if (!hit)
			*status = rule->status;
		hit = true;
		if (rule->left != RT_FOREVER && !--rule->left) {
			list_del(&rule->list);
			kfree(rule);
		}
	}
	return hit;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs dm-remap-test/: log, log-data, message, status. rt.h has what they mean.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "rt.h"

#define RT_MESSAGE_MAX 256	/* bytes */
#define RT_WORDS_MAX 10

static struct dentry *rt_dir;

static int rt_debugfs_do(char *line)
{
	char *argv[RT_WORDS_MAX];
	unsigned int argc = 0;
	struct rt_dev *dev;
	char *word;
	int r = -ENODEV;

	while ((word = strsep(&line, " \t\n"))) {
		if (!*word)
			continue;
		if (argc == RT_WORDS_MAX)
			return -E2BIG;
		argv[argc++] = word;
	}
	if (argc < 2)
		return -EINVAL;

	mutex_lock(&rt_devs_mutex);
	list_for_each_entry(dev, &rt_devs, list) {
		if (strcmp(dev->name, argv[0]))
			continue;
		r = rt_message_do(dev, argc - 1, argv + 1);
		break;
	}
	mutex_unlock(&rt_devs_mutex);
	return r;
}

static ssize_t rt_message_write(struct file *file, const char __user *from,
				size_t n, loff_t *pos)
{
	char *line;
	int r;

	if (n >= RT_MESSAGE_MAX)
		return -E2BIG;
	line = memdup_user_nul(from, n);
	if (IS_ERR(line))
		return PTR_ERR(line);
	r = rt_debugfs_do(line);
	kfree(line);
	return r ? r : n;
}

static const struct file_operations rt_message_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = rt_message_write,
	.llseek = noop_llseek,
};

static int rt_status_show(struct seq_file *m, void *v)
{
	struct rt_dev *dev;
	char line[RT_MESSAGE_MAX];

	mutex_lock(&rt_devs_mutex);
	list_for_each_entry(dev, &rt_devs, list) {
		if (!*dev->name)
			continue;
		rt_status_line(dev, line, sizeof(line));
		seq_printf(m, "%s %s %s\n", dev->name, dev->key, line);
	}
	mutex_unlock(&rt_devs_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(rt_status);

void rt_debugfs_init(void)
{
	rt_dir = debugfs_create_dir("dm-remap-test", NULL);
	debugfs_create_file("log", 0400, rt_dir, NULL, &rt_log_fops);
	debugfs_create_file("log-data", 0400, rt_dir, NULL, &rt_log_data_fops);
	debugfs_create_file("message", 0200, rt_dir, NULL, &rt_message_fops);
	debugfs_create_file("status", 0400, rt_dir, NULL, &rt_status_fops);
}

void rt_debugfs_exit(void)
{
	debugfs_remove_recursive(rt_dir);
}

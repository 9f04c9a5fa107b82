// SPDX-License-Identifier: MIT
#include "daemon/control/office.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace ccr::control {

Office::Office() : posted_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

bool Office::post(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (tasks_.size() >= max_tasks) return false;
        tasks_.push_back(std::move(task));
    }
    const std::uint64_t one = 1;
    static_cast<void>(::write(posted_.get(), &one, sizeof one));  // full is as good as written
    return true;
}

void Office::work(Master& master) {
    std::uint64_t count = 0;
    static_cast<void>(::read(posted_.get(), &count, sizeof count));  // empty is as good as read
    std::vector<Task> tasks;
    {
        const std::lock_guard lock(mutex_);
        tasks.swap(tasks_);
    }
    for (const Task& task : tasks)
        task(master);
}

Facts Office::facts() const {
    const std::lock_guard lock(mutex_);
    return facts_;
}

}  // namespace ccr::control

// SPDX-License-Identifier: MIT
// Decides what to answer. One object, shared by all loops; everything mutable in it is locked.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/mock/http_in.hpp"
#include "tests/mock/journal.hpp"
#include "tests/mock/plan.hpp"
#include "tests/mock/reply.hpp"

namespace ccr::mock {

// What one call of a script does: steps (JSON text), or the name of a model to answer like.
struct ScriptTurn {
    std::string steps;
    std::string model;
};

struct Script {
    std::vector<ScriptTurn> turns;
    bool loop = false;  // else the last turn repeats
    bool random = false;
    std::minstd_rand dice;  // seeded by the script: a run can be repeated
    std::size_t calls = 0;

    const ScriptTurn& next();
};

class Service {
  public:
    explicit Service(std::size_t keep_requests) : journal_(keep_requests) {}

    PlanPtr answer(const Request& request);
    Journal& journal() { return journal_; }
    std::uint64_t next_connection_id() { return ++connection_ids_; }
    // Unique within the process, for message and tool call ids.
    std::uint64_t next_id() { return ++ids_; }

    void open_gate(const std::string& name);
    bool gate_is_open(const std::string& name);

  private:
    PlanPtr answer_model(const Request& request, Api api);
    PlanPtr answer_ask(Ask& ask);
    PlanPtr answer_script(Ask& ask);
    PlanPtr answer_cached(const Ask& ask);
    PlanPtr answer_control(const Request& request);
    PlanPtr put_script(const std::string& name, std::string_view body);
    PlanPtr wait_for(const Request& request);
    void reset();

    Journal journal_;
    std::atomic<std::uint64_t> connection_ids_{0};
    std::atomic<std::uint64_t> ids_{0};
    std::mutex mutex_;
    std::map<std::string, Script> scripts_;
    std::set<std::string> gates_;
    std::unordered_map<std::string, PlanPtr> cache_;
};

PlanPtr json_plan(int status, std::string_view body);
PlanPtr error_plan(Api api, int status, std::string_view type, std::string_view message);

}  // namespace ccr::mock

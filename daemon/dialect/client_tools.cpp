// SPDX-License-Identifier: MIT
#include "daemon/dialect/client_tools.hpp"

#include <algorithm>
#include <iterator>

namespace ccr::dialect {
namespace {

constexpr std::string_view bash =
    R"({"type":"object","properties":{)"
    R"("command":{"type":"string","description":"The bash command to run. Required unless the tool is being restarted."},)"
    R"("restart":{"type":"boolean","description":"Set to true to restart the shell session."}}})";

// Up to 2025-01-24 the editor could undo, and inserted the text of new_str.
constexpr std::string_view old_editor =
    R"({"type":"object","properties":{)"
    R"("command":{"type":"string","enum":["view","create","str_replace","insert","undo_edit"]},)"
    R"("path":{"type":"string","description":"Absolute path to a file or directory."},)"
    R"("file_text":{"type":"string","description":"Content of the file to create."},)"
    R"("old_str":{"type":"string","description":"Text to replace; must occur exactly once."},)"
    R"("new_str":{"type":"string","description":"Replacement, or the text to insert."},)"
    R"("insert_line":{"type":"integer","description":"Line after which to insert."},)"
    R"("view_range":{"type":"array","items":{"type":"integer"},"description":"First and last line to view."}},)"
    R"("required":["command","path"]})";

constexpr std::string_view editor =
    R"({"type":"object","properties":{)"
    R"("command":{"type":"string","enum":["view","create","str_replace","insert"]},)"
    R"("path":{"type":"string","description":"Absolute path to a file or directory."},)"
    R"("file_text":{"type":"string","description":"Content of the file to create."},)"
    R"("old_str":{"type":"string","description":"Text to replace; must occur exactly once."},)"
    R"("new_str":{"type":"string","description":"Replacement."},)"
    R"("insert_line":{"type":"integer","description":"Line after which to insert."},)"
    R"("insert_text":{"type":"string","description":"Text to insert."},)"
    R"("view_range":{"type":"array","items":{"type":"integer"},"description":"First and last line to view."}},)"
    R"("required":["command","path"]})";

constexpr std::string_view memory =
    R"({"type":"object","properties":{)"
    R"("command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"]},)"
    R"("path":{"type":"string","description":"Path below /memories."},)"
    R"("view_range":{"type":"array","items":{"type":"integer"},"description":"First and last line to view."},)"
    R"("file_text":{"type":"string","description":"Content of the file to create."},)"
    R"("old_str":{"type":"string","description":"Text to replace."},)"
    R"("new_str":{"type":"string","description":"Replacement."},)"
    R"("insert_line":{"type":"integer","description":"Line after which to insert."},)"
    R"("insert_text":{"type":"string","description":"Text to insert."},)"
    R"("old_path":{"type":"string","description":"Path to rename."},)"
    R"("new_path":{"type":"string","description":"New path."}},)"
    R"("required":["command"]})";

constexpr std::string_view computer =
    R"({"type":"object","properties":{)"
    R"("action":{"type":"string","enum":["key","type","mouse_move","left_click","left_click_drag","right_click","middle_click","double_click","triple_click","left_mouse_down","left_mouse_up","scroll","hold_key","wait","screenshot","cursor_position","zoom"]},)"
    R"("coordinate":{"type":"array","items":{"type":"integer"},"description":"x and y in pixels."},)"
    R"("start_coordinate":{"type":"array","items":{"type":"integer"},"description":"Where a drag begins."},)"
    R"("text":{"type":"string","description":"Text to type, or keys to press."},)"
    R"("duration":{"type":"number","description":"Seconds to wait or to hold a key."},)"
    R"("scroll_direction":{"type":"string","enum":["up","down","left","right"]},)"
    R"("scroll_amount":{"type":"integer"},)"
    R"("region":{"type":"array","items":{"type":"integer"},"description":"x0, y0, x1, y1 to zoom into."}},)"
    R"("required":["action"]})";

constexpr std::string_view editor_text =
    "View, create and edit text files. str_replace replaces one exact, unique occurrence.";

// The longer of two beginnings stands first.
constexpr ClientTool rows[] = {
    {"bash_", "bash", "Run commands in a persistent bash shell.", bash},
    {"text_editor_20241022", "str_replace_editor", editor_text, old_editor},
    {"text_editor_20250124", "str_replace_editor", editor_text, old_editor},
    {"text_editor_", "str_replace_based_edit_tool", editor_text, editor},
    {"memory_", "memory",
     "Store and look up notes in the /memories directory, which persists between conversations.",
     memory},
    {"computer_2", "computer",
     "Use a mouse and keyboard to interact with a computer, and take screenshots.", computer, true},
};

}  // namespace

const ClientTool* client_tool(std::string_view type) {
    const auto* found =
        std::find_if(std::begin(rows), std::end(rows),
                     [type](const ClientTool& row) { return type.starts_with(row.type); });
    return found == std::end(rows) ? nullptr : found;
}

}  // namespace ccr::dialect

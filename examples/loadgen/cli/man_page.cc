// What the help says beyond the options, and the options as roff.
#include "cli/man_page.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <string_view>

namespace wsecho::loadgen {
namespace {

// A heading, and lines that are kept as they are.
struct Section {
    std::string_view heading;
    std::string_view lines;
};

constexpr std::array<Section, 4> sections{{
    {"Besides a run", R"(  wsecho-bench compare A.json B.json        two results, side by side
  wsecho-bench suite reference [OPTIONS]    the reference measurements, from the sources
)"},
    {"Scenarios",
     R"(  echo     send, wait for the same bytes, send the next; with --rate, send when due
  idle     open the connections and hold them, answering pings
  connect  open the connections; with --churn, close and reconnect for the whole time
  fanout   one connection publishes batches to a server that broadcasts; all must receive all
  slow     echo, while a share of the connections sends and never reads
  storm    hang up on all at once and reconnect all at once, again and again
  mixed    of 20 connections 14 idle, 5 echo, 1 comes and goes
)"},
    {"Examples", R"(  wsecho-bench ws://127.0.0.1:9000/ --connections 10000 --server-pid 4711
  wsecho-bench ws://127.0.0.1:9000/ --rate 50000 --require 'p99<20ms,lost=0' --html run.html
  wsecho-bench ws://127.0.0.1:9000/ --capacity 'p99<10ms' --duration 3
  wsecho-bench ws://127.0.0.1:9000/ --scenario fanout --connections 5000 --json run.json
  wsecho-bench wss://example.org/chat --header 'Authorization: Bearer x' --ramp 10
  wsecho-bench --calibrate --connections 1000
  wsecho-bench compare before.json after.json
)"},
    {"Exit status",
     R"(  0  every connection opened, no message was lost or changed, all that is required holds
  1  not so
  2  the command line is wrong, the server cannot be reached, or the machine lacks
     descriptors or ports
)"},
}};

// What roff would take for its own: backslashes, hyphens, and a dot or quote that starts a line.
std::string escaped(std::string_view text) {
    std::string result;
    bool at_start = true;
    for (const char character : text) {
        if (at_start && (character == '.' || character == '\'')) result += "\\&";
        if (character == '\\') {
            result += "\\e";
        } else if (character == '-') {
            result += "\\-";
        } else {
            result += character;
        }
        at_start = character == '\n';
    }
    return result;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& character : result) {
        if (character >= 'a' && character <= 'z') character = static_cast<char>(character - 32);
    }
    return result;
}

std::string option_entry(const CLI::Option& option) {
    std::string text = fmt::format(".TP\n.B {}", escaped(option.get_name(false, true)));
    const std::string type = option.get_type_name();
    if (option.get_expected_min() > 0 && !type.empty()) {
        text += fmt::format(" \\fI{}\\fR", escaped(type));
    }
    text += fmt::format("\n{}", escaped(option.get_description()));
    const std::string default_text = option.get_default_str();
    if (!default_text.empty()) text += fmt::format(". Default: {}", escaped(default_text));
    return text + ".\n";
}

}  // namespace

std::string help_footer() {
    std::string text;
    for (const Section& section : sections)
        text += fmt::format("{}:\n{}\n", section.heading, section.lines);
    text.pop_back();
    return text;
}

std::string man_page(const CLI::App& app) {
    std::string text = fmt::format(
        ".TH WSECHO\\-BENCH 1 {} \"wsecho {}\" \"User Commands\"\n"
        ".SH NAME\nwsecho\\-bench \\- load a WebSocket server and check every answer\n"
        ".SH SYNOPSIS\n.nf\n.B wsecho\\-bench \\fIADDRESS\\fR [\\fIOPTIONS\\fR]\n"
        ".B wsecho\\-bench compare \\fIA.json B.json\\fR\n"
        ".B wsecho\\-bench suite reference \\fR[\\fIOPTIONS\\fR]\n.fi\n"
        ".SH DESCRIPTION\n{}\n.PP\n.I ADDRESS\nis the server: ws://HOST:PORT/PATH or wss://...\n"
        ".SH OPTIONS\n",
        WSECHO_BENCH_DATE, WSECHO_BENCH_VERSION, escaped(app.get_description()));
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_positional()) text += option_entry(*option);
    }
    for (const Section& section : sections) {
        text += fmt::format(".SH {}\n.nf\n{}.fi\n", upper(section.heading), escaped(section.lines));
    }
    return text;
}

}  // namespace wsecho::loadgen

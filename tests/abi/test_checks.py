#!/usr/bin/env python3
"""The checks themselves: each passes what is right and finds each thing that is wrong."""

import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "unit")]
sys.dont_write_bytecode = True

import check_header_words  # noqa: E402
import check_layers  # noqa: E402
import check_library  # noqa: E402
import check_tests_mirror_lib  # noqa: E402

HEADER = """
enum wsecho_error {
    WSECHO_OK = 0,
    WSECHO_ERR_GONE = -200, /* gone */
};
/* Sends. Errors: WSECHO_ERR_GONE. */
WSECHO_API int wsecho_send(wsecho_server *server,
                           int value);
/* Ends. */
WSECHO_API void wsecho_end(void);
"""
EXPORTS = ["wsecho_end", "wsecho_send"]

TREE = {
    "lib/protocol/frame.h": "#include <vector>\n",
    "lib/protocol/frame.cc": '#include "protocol/frame.h"\n',
    "lib/runtime/time.h": "#include <chrono>\n",
    "lib/runtime/timer_wheel.h": '#include "runtime/time.h"\n',
    "lib/protocol/frame_decoder.h": "",
    "lib/lws/loop.cc": '#include <uv.h>\n#include "runtime/time.h"\n',
    "lib/engine/server.cc": '#include <unistd.h>\n#include "lws/loop.h"\n',
    "capi/src/server.cc": '#include "engine/server.h"\n',
    "capi/include/wsecho/wsecho.h": "#include <stdint.h>\n",
    "examples/echo/main.cc": "#include <wsecho/wsecho.h>\n",
    "examples/echo/CMakeLists.txt": "target_link_libraries(echo wsecho::wsecho)\n",
    "tests/unit/CMakeLists.txt": "frame_test\nprotocol/frame_test.cc\n"
    "protocol/frame_decoder_test.cc\nruntime/timer_wheel_test.cc)\n",
    "tests/unit/protocol/frame_test.cc": "",
    "tests/unit/protocol/frame_decoder_test.cc": "",
    "tests/unit/runtime/timer_wheel_test.cc": "",
}


def found_in_tree(check, changes=None, removed=()):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**TREE, **(changes or {})}.items():
            if name not in removed:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
        return list(check.problems(root))


class Case(unittest.TestCase):
    def assert_one(self, problems, words):
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(words, problems[0])


class HeaderWords(Case):
    def found(self, header=HEADER, exports=EXPORTS):
        return list(check_header_words.problems(header, exports))

    def test_a_good_header_passes(self):
        self.assertEqual(self.found(), [])

    def test_a_function_without_a_comment_is_found(self):
        self.assert_one(self.found(HEADER.replace("/* Ends. */", "")), "wsecho_end: no comment")

    def test_a_comment_that_belongs_to_something_else_does_not_count(self):
        header = HEADER.replace("/* Ends. */", "/* Ends. */\nenum wsecho_end_kind { KIND };")
        self.assert_one(self.found(header), "wsecho_end: no comment")

    def test_an_error_that_does_not_exist_is_found(self):
        header = HEADER.replace("/* Ends. */", "/* Ends. Errors: WSECHO_ERR_LOST. */")
        self.assert_one(self.found(header), "WSECHO_ERR_LOST")

    def test_an_error_that_no_function_lists_is_found(self):
        header = HEADER.replace("Errors: WSECHO_ERR_GONE", "Unlike WSECHO_ERR_GONE")
        self.assert_one(self.found(header), "WSECHO_ERR_GONE")

    def test_a_function_that_is_not_exported_is_found(self):
        self.assert_one(self.found(exports=EXPORTS[:1]), "wsecho_send: declared")

    def test_an_export_that_is_not_declared_is_found(self):
        self.assert_one(self.found(exports=[*EXPORTS, "wsecho_x"]), "wsecho_x: in exports")

    def test_an_empty_header_is_found(self):
        self.assertTrue(self.found("", []))


class Library(Case):
    def test_the_pinned_names_pass(self):
        self.assertEqual(list(check_library.export_problems(["a", "b"], ["a", "b"])), [])

    def test_a_name_too_many_or_too_few_is_found(self):
        self.assert_one(list(check_library.export_problems(["a", "b"], ["a"])), "b: exported")
        self.assert_one(list(check_library.export_problems(["a"], ["a", "b"])), "b: in exports")

    def test_a_pinned_list_out_of_order_is_found(self):
        self.assert_one(list(check_library.export_problems(["a", "b"], ["b", "a"])), "sorted")

    def test_a_soname_of_the_abi_passes(self):
        good = check_library.soname_problems("libwsecho.so.4", "libwsecho.so.1.2.3", "1.2.3", "4")
        self.assertEqual(list(good), [])

    def test_another_soname_or_file_name_is_found(self):
        for soname, file in (
            (None, "libwsecho.so.1.2.3"),
            ("libwsecho.so.3", "libwsecho.so.1.2.3"),
            ("libwsecho.so.4", "libwsecho.so"),
        ):
            bad = check_library.soname_problems(soname, file, "1.2.3", "4")
            self.assertEqual(len(list(bad)), 1)

    def test_a_soname_that_is_the_version_is_found(self):
        same = "libwsecho.so.1.2.3"
        self.assertTrue(list(check_library.soname_problems(same, same, "1.2.3", "1.2.3")))


class Layers(Case):
    def found(self, **changes):
        renamed = {name.replace("__", "/") + ".cc": text for name, text in changes.items()}
        return found_in_tree(check_layers, renamed)

    def test_a_good_tree_passes(self):
        self.assertEqual(self.found(), [])

    def test_each_include_that_goes_up_or_aside_is_found(self):
        for file, include in (
            ("lib__protocol__x", '"runtime/time.h"'),
            ("lib__protocol__x", '"engine/server.h"'),
            ("lib__protocol__x", '"frame.h"'),
            ("lib__protocol__x", '"../runtime/time.h"'),
            ("lib__protocol__x", "<sys/socket.h>"),
            ("lib__protocol__x", "<unistd.h>"),
            ("lib__runtime__x", '"protocol/frame.h"'),
            ("lib__runtime__x", "<uv.h>"),
            ("lib__runtime__x", "<zlib.h>"),
            ("lib__runtime__x", "<sys/mman.h>"),
            ("lib__runtime__x", "<sanitizer/common_interface_defs.h>"),
            ("lib__lws__x", '"protocol/frame.h"'),
            ("lib__lws__x", '"engine/server.h"'),
            ("lib__engine__x", "<libwebsockets.h>"),
            ("lib__engine__x", "<uv.h>"),
            ("lib__engine__x", "<uv/unix.h>"),
            ("lib__engine__x", '"wsecho/wsecho.h"'),
            ("capi__src__x", "<libwebsockets.h>"),
            ("capi__src__x", '"lws/loop.h"'),
            ("examples__echo__x", '"engine/server.h"'),
            ("examples__echo__x", "<uv.h>"),
            ("examples__loadgen__wire__x", '"measure/clock.h"'),
            ("examples__loadgen__net__x", '"scenario/load.h"'),
        ):
            with self.subTest(file=file, include=include):
                self.assertEqual(len(self.found(**{file: f"  #  include {include}\n"})), 1)

    def test_a_pure_layer_may_tell_the_address_sanitizer_of_its_memory(self):
        self.assertEqual(self.found(lib__runtime__x="#include <sanitizer/asan_interface.h>\n"), [])

    def test_the_protocol_may_compress(self):
        self.assertEqual(self.found(lib__protocol__x="#include <zlib.h>\n"), [])

    def test_a_public_header_with_another_header_is_found(self):
        changes = {"capi/include/wsecho/wsecho.h": "#include <stdbool.h>\n"}
        self.assert_one(found_in_tree(check_layers, changes), "stdbool.h")

    def test_a_new_layer_without_a_rule_is_found(self):
        self.assert_one(self.found(lib__tls__x=""), "lib/tls")

    def test_an_example_that_links_a_layer_is_found(self):
        changes = {"examples/echo/CMakeLists.txt": "target_link_libraries(echo wsecho-engine)\n"}
        self.assert_one(found_in_tree(check_layers, changes), "wsecho-engine")

    def test_a_folder_that_has_moved_away_is_found(self):
        self.assert_one(found_in_tree(check_layers, removed={"lib/lws/loop.cc"}), "lib/lws")


class TestsMirrorLib(Case):
    def test_a_good_tree_passes(self):
        self.assertEqual(found_in_tree(check_tests_mirror_lib), [])

    def test_a_pure_header_without_a_test_is_found(self):
        problems = found_in_tree(check_tests_mirror_lib, {"lib/protocol/new.h": ""})
        self.assert_one(problems, "lib/protocol/new.h: has no")

    def test_a_test_whose_header_is_gone_is_found(self):
        problems = found_in_tree(check_tests_mirror_lib, removed={"lib/protocol/frame.h"})
        self.assert_one(problems, "frame_test.cc: tests lib/protocol/frame.h")

    def test_a_test_that_is_not_built_is_found(self):
        changes = {"lib/protocol/new.h": "", "tests/unit/protocol/new_test.cc": ""}
        self.assert_one(found_in_tree(check_tests_mirror_lib, changes), "is not in")

    def test_an_excuse_for_a_header_that_is_gone_is_found(self):
        problems = found_in_tree(check_tests_mirror_lib, removed={"lib/runtime/time.h"})
        self.assert_one(problems, "lib/runtime/time.h: is excused")


if __name__ == "__main__":
    unittest.main()

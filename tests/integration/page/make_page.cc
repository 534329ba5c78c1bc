// wsecho-html-report: a run's JSON document on standard input, its HTML report on standard output.
#include <iostream>
#include <iterator>
#include <string>

#include "report/html_report.h"

int main() {
    const std::string document{std::istreambuf_iterator<char>(std::cin), {}};
    std::cout << wsecho::loadgen::html_report(document) << std::flush;
    return std::cout ? 0 : 1;
}

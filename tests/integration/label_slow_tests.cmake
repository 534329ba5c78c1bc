# Read by CTest itself: the tests that take seconds are also labelled slow.
foreach(test IN LISTS wsecho_integration_tests)
  if(test MATCHES "a_thousand_starts_and_stops|eight_threads_hammer")
    set_tests_properties("${test}" PROPERTIES LABELS "integration;slow" TIMEOUT 300)
  endif()
endforeach()

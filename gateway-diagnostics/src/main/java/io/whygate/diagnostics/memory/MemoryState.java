package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.Endpoint;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is kept of the memory over a restart.
record MemoryState(
    Map<Endpoint, Baseline.Kept> endpoints,
    Map<String, Recollection.NameMemory> names,
    List<Change> changes,
    List<X509Certificate> issuers) {
  MemoryState {
    endpoints = new LinkedHashMap<>(endpoints);
    names = new LinkedHashMap<>(names);
    changes = List.copyOf(changes);
    issuers = List.copyOf(issuers);
  }
}

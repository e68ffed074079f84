package io.whygate.diagnostics.contact;

import io.whygate.diagnostics.facts.UpstreamFacts.Contact;

/// Whom to turn to at a host, as its registry tells (RFC 9083). For operators only: it says where a
/// site lies.
///
/// @param contact the person or desk
/// @param role what they are there for, such as `abuse` or `technical`
/// @param of what they answer for: a network, such as `192.0.2.0 - 192.0.2.255 (EXAMPLE-NET)`, or a
///   domain
/// @param source the address at which the registry told it
public record HostContact(Contact contact, String role, String of, String source) {}

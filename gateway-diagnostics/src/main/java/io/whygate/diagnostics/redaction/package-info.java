/// Takes secrets out of what is kept and shown: out of messages ([Redaction]) and out of lines of
/// logs ([LineRedaction]).
@NullMarked
package io.whygate.diagnostics.redaction;

import org.jspecify.annotations.NullMarked;

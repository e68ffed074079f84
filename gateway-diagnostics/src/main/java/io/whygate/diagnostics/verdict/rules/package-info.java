/// The rules by which causes are told apart, one file a group. Start at [Rules].
@NullMarked
package io.whygate.diagnostics.verdict.rules;

import org.jspecify.annotations.NullMarked;

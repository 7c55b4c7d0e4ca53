/**
 * One replica of the operator: {@code Operator} puts the parts together, {@code ControlLoop} is the
 * way of a change through them (source, translate, publish, push, status), and the rest is what
 * either of them needs of the whole.
 */
@NullMarked
package dev.longshore.operator;

import org.jspecify.annotations.NullMarked;

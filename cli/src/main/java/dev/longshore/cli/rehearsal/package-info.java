/**
 * What a data plane does all day, done some thousand times by the build, so that the JVM's AOT
 * cache holds the classes and the profiles of it (JEP 514, JEP 515): a client, a backend and the
 * order in which things are rehearsed. Knows addresses alone; who starts and ends what is rehearsed
 * is {@code TrainCommand}.
 */
@NullMarked
package dev.longshore.cli.rehearsal;

import org.jspecify.annotations.NullMarked;

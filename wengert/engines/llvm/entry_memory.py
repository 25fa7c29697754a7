"""Words, places and references in the entry, as LLVM IR.

`entry_code` says what the names and numbers mean.
"""

__all__ = ["MEMORY"]

MEMORY = """\
define internal ptr @pointer(ptr %base, i64 %at) alwaysinline {
  %field = getelementptr i8, ptr %base, i64 %at
  %value = load ptr, ptr %field
  ret ptr %value
}

define internal i64 @word(ptr %base, i64 %at) alwaysinline {
  %field = getelementptr i8, ptr %base, i64 %at
  %value = load i64, ptr %field
  ret i64 %value
}

define internal i32 @half(ptr %base, i64 %at) alwaysinline {
  %field = getelementptr i8, ptr %base, i64 %at
  %value = load i32, ptr %field
  ret i32 %value
}

; The address of the place, or of another place, that a step names in an operand.
define internal ptr @place(ptr %block, ptr %step, i64 %operand) alwaysinline {
  %offset = call i64 @word(ptr %step, i64 %operand)
  %place = getelementptr i8, ptr %block, i64 %offset
  ret ptr %place
}

define internal i1 @has_type(ptr %object, ptr %type) alwaysinline {
  %found = call ptr @pointer(ptr %object, i64 $object_type)
  %same = icmp eq ptr %found, %type
  ret i1 %same
}

define internal i1 @has_size(ptr %object, i64 %size) alwaysinline {
  %found = call i64 @word(ptr %object, i64 $container_size)
  %same = icmp eq i64 %found, %size
  ret i1 %same
}

define internal void @copy(ptr %from, ptr %to, i64 %count) alwaysinline {
start:
  br label %next
next:
  %i = phi i64 [ 0, %start ], [ %i.next, %one ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %one, label %end
one:
  %at = shl i64 %i, 3
  %value = call ptr @pointer(ptr %from, i64 %at)
  %place = getelementptr i8, ptr %to, i64 %at
  store ptr %value, ptr %place
  %i.next = add i64 %i, 1
  br label %next
end:
  ret void
}

define internal void @clear(ptr %to, i64 %count) alwaysinline {
start:
  br label %next
next:
  %i = phi i64 [ 0, %start ], [ %i.next, %one ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %one, label %end
one:
  %at = shl i64 %i, 3
  %place = getelementptr i8, ptr %to, i64 %at
  store ptr null, ptr %place
  %i.next = add i64 %i, 1
  br label %next
end:
  ret void
}

; Py_IncRef or Py_DecRef of each; both leave null alone.
define internal void @for_each(ptr %f, ptr %from, i64 %count) {
start:
  br label %next
next:
  %i = phi i64 [ 0, %start ], [ %i.next, %one ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %one, label %end
one:
  %at = shl i64 %i, 3
  %object = call ptr @pointer(ptr %from, i64 %at)
  call void %f(ptr %object)
  %i.next = add i64 %i, 1
  br label %next
end:
  ret void
}

; Move references, leaving null behind.
define internal void @move(ptr %from, ptr %to, i64 %count) alwaysinline {
  call void @copy(ptr %from, ptr %to, i64 %count)
  call void @clear(ptr %from, i64 %count)
  ret void
}

define internal void @drop(ptr %table, ptr %made, i64 %count) {
  %decrease = call ptr @pointer(ptr %table, i64 $h_Py_DecRef)
  call void @for_each(ptr %decrease, ptr %made, i64 %count)
  ret void
}

; End the use of a block: of the shared one, of one that was allocated, of the stack.
define internal void @give_back(ptr %table, i1 %shared, ptr %owned) alwaysinline {
start:
  br i1 %shared, label %unlock, label %other
unlock:
  %busy = getelementptr i8, ptr %table, i64 $h_busy
  store atomic i64 0, ptr %busy release, align 8
  ret void
other:
  %none = icmp eq ptr %owned, null
  br i1 %none, label %end, label %return
return:
  %free = call ptr @pointer(ptr %table, i64 $h_PyMem_RawFree)
  call void %free(ptr %owned)
  ret void
end:
  ret void
}
"""

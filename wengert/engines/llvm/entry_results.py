"""How the entry makes what it returns, as LLVM IR: new arrays, tuples, lists, dicts.

Each function returns a new reference, or null with an exception set. Containers take
their items out of their places. `entry_code` says what the names and numbers mean.
"""

__all__ = ["RESULTS"]

RESULTS = """\
define internal ptr @new_array(ptr %table, ptr %step) alwaysinline {
  %f = call ptr @pointer(ptr %table, i64 $h_PyArray_NewFromDescr)
  %increase = call ptr @pointer(ptr %table, i64 $h_Py_IncRef)
  %ndarray = call ptr @pointer(ptr %table, i64 $h_ndarray)
  %dtype = call ptr @pointer(ptr %step, i64 32)
  %ndim = call i32 @half(ptr %step, i64 40)
  %dims = getelementptr i8, ptr %step, i64 48
  call void %increase(ptr %dtype)
  %array = call ptr %f(ptr %ndarray, ptr %dtype, i32 %ndim, ptr %dims, ptr null,
                       ptr null, i32 0, ptr null)
  ret ptr %array
}

define internal ptr @new_dict(ptr %table, ptr %step, ptr %items) {
start:
  %new = call ptr @pointer(ptr %table, i64 $h_PyDict_New)
  %set = call ptr @pointer(ptr %table, i64 $h_PyDict_SetItem)
  %decrease = call ptr @pointer(ptr %table, i64 $h_Py_DecRef)
  %count = call i64 @word(ptr %step, i64 24)
  %keys = getelementptr i8, ptr %step, i64 40
  %dict = call ptr %new()
  %none = icmp eq ptr %dict, null
  br i1 %none, label %end, label %next
next:
  %i = phi i64 [ 0, %start ], [ %i.next, %one ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %one, label %full
one:
  %at = shl i64 %i, 3
  %key = call ptr @pointer(ptr %keys, i64 %at)
  %value = call ptr @pointer(ptr %items, i64 %at)
  %failed = call i32 %set(ptr %dict, ptr %key, ptr %value)
  %ok = icmp eq i32 %failed, 0
  %i.next = add i64 %i, 1
  br i1 %ok, label %next, label %undo
undo:
  call void %decrease(ptr %dict)
  ret ptr null
full:
  ; A dict takes references of its own.
  call void @for_each(ptr %decrease, ptr %items, i64 %count)
  call void @clear(ptr %items, i64 %count)
  br label %end
end:
  ret ptr %dict
}

define internal ptr @new_tuple(ptr %table, ptr %step, ptr %items) {
  %new = call ptr @pointer(ptr %table, i64 $h_PyTuple_New)
  %count = call i64 @word(ptr %step, i64 24)
  %tuple = call ptr %new(i64 %count)
  %none = icmp eq ptr %tuple, null
  br i1 %none, label %end, label %fill
fill:
  %inside = getelementptr i8, ptr %tuple, i64 $tuple_items
  call void @move(ptr %items, ptr %inside, i64 %count)
  br label %end
end:
  ret ptr %tuple
}

define internal ptr @new_list(ptr %table, ptr %step, ptr %items) {
  %new = call ptr @pointer(ptr %table, i64 $h_PyList_New)
  %count = call i64 @word(ptr %step, i64 24)
  %list = call ptr %new(i64 %count)
  %none = icmp eq ptr %list, null
  br i1 %none, label %end, label %fill
fill:
  %inside = call ptr @pointer(ptr %list, i64 $list_items)
  call void @move(ptr %items, ptr %inside, i64 %count)
  br label %end
end:
  ret ptr %list
}
"""
